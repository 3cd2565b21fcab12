import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { JSX } from 'react';
import { storedToken, storeToken } from './lib/gateway.js';
import { StudioProvider } from './lib/studio.js';
import { Frame } from './features/shell/frame.js';
import { refusalOf } from './features/shell/refusal.js';
import { SignIn } from './features/shell/sign-in.js';
import { Waiting } from './features/shell/waiting.js';
import { theme } from './theme.js';

/** Nothing is asked again behind the user's back: events tell when something has changed. */
const queries = new QueryClient({
  defaultOptions: {
    // A studio's network often has no way to the Internet, which browsers call being offline.
    queries: { retry: false, refetchOnWindowFocus: false, staleTime: Infinity, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

export function App(): JSX.Element {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <Door />
      </QueryClientProvider>
    </MantineProvider>
  );
}

type Door =
  /** `problem`: why the gateway did not say the last time. */
  | { readonly is: 'asking'; readonly problem: string | undefined }
  | { readonly is: 'open' }
  /** `reason`: why whoever was let in is no longer. */
  | { readonly is: 'shut'; readonly reason: string | undefined };

const ASKING: Door = { is: 'asking', problem: undefined };
const RETRY_MS = 3000;

/** Lets in whoever the gateway lets in; nobody before it has said so. */
function Door(): JSX.Element {
  const [door, setDoor] = useState<Door>(ASKING);
  const [attempt, setAttempt] = useState(0);
  const isAsking = door.is === 'asking';
  const askAgain = useCallback(() => setAttempt((before) => before + 1), []);
  useEffect(() => {
    if (!isAsking) return undefined;
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const token = storedToken();
    void refusalOf(token).then((refusal) => {
      if (!isCurrent) return;
      if (refusal === undefined) return setDoor({ is: 'open' });
      if (refusal.isFinal) {
        storeToken(null);
        return setDoor({ is: 'shut', reason: token === null ? undefined : refusal.text });
      }
      setDoor({ is: 'asking', problem: refusal.text });
      timer = setTimeout(askAgain, RETRY_MS);
    });
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [isAsking, attempt, askAgain]);
  const onRefused = useCallback((status: number, detail: string) => {
    const reason =
      status === 401 && storedToken() === null ? undefined : status === 401 ? ENDED : `${detail} (${status})`;
    storeToken(null);
    setDoor({ is: 'shut', reason });
  }, []);
  const signIn = (token: string): void => {
    storeToken(token);
    queries.clear();
    setDoor({ is: 'open' });
  };
  const signOut = useCallback(() => {
    storeToken(null);
    queries.clear();
    setDoor(ASKING);
  }, []);
  if (door.is === 'asking') return <Waiting problem={door.problem} onRetry={askAgain} />;
  if (door.is === 'shut') return <SignIn reason={door.reason} onToken={signIn} />;
  return (
    <StudioProvider onRefused={onRefused}>
      <Frame onSignOut={signOut} />
    </StudioProvider>
  );
}

const ENDED = 'The token was revoked or has expired. Sign in again.';
