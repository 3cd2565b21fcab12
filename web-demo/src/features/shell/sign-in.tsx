import { Alert, Button, Center, Checkbox, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { WithMantine } from '../../components/with-mantine.js';
import { refusalOf } from '../../lib/refusal.js';

interface SignInProps {
  /** Why a token stopped being valid; undefined when there was none. */
  readonly reason: string | undefined;
  /** `isKept`: on this device, and not for this tab alone. */
  readonly onToken: (token: string, isKept: boolean) => void;
}

/** Asks for a token, and checks it before the page opens. */
export function SignIn({ reason, onToken }: SignInProps): JSX.Element {
  const [token, setToken] = useState('');
  const [isKept, setKept] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [isTrying, setTrying] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setTrying(true);
    const refusal = await refusalOf(token.trim());
    setTrying(false);
    setProblem(refusal?.text);
    if (refusal === undefined) onToken(token.trim(), isKept);
  };
  return (
    <WithMantine>
      <Center component="main" mih="100vh" p="md">
        <Paper withBorder p="xl" w="100%" maw={420} component="form" onSubmit={(event) => void submit(event)}>
          <Stack>
            <Title order={1} size="h3">
              Sign in to the RCSP gateway
            </Title>
            <Text>
              This gateway asks for a token. Whoever runs it makes one with{' '}
              <span className="mono">rcsp-gateway token create</span>, or a link that signs you in with{' '}
              <span className="mono">rcsp-gateway token link</span>.
            </Text>
            {(problem ?? reason) !== undefined && (
              <Alert
                color="red"
                variant="outline"
                title={problem === undefined ? 'Signed out' : 'Not signed in'}
              >
                {problem ?? reason}
              </Alert>
            )}
            <PasswordInput
              label="Token"
              description={
                isKept
                  ? 'Kept on this device until you sign out.'
                  : 'Kept until this tab is closed, and nowhere else.'
              }
              autoComplete="off"
              required
              autoFocus
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
            />
            <Checkbox
              label="Stay signed in on this device"
              description="Not on a device that others use."
              checked={isKept}
              onChange={({ currentTarget }) => setKept(currentTarget.checked)}
            />
            <Button type="submit" loading={isTrying}>
              Sign in
            </Button>
          </Stack>
        </Paper>
      </Center>
    </WithMantine>
  );
}
