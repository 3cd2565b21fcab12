import { Center, Loader, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { JSX } from 'react';
import { storedToken, storeToken } from './lib/gateway.js';
import { StudioProvider } from './lib/studio.js';
import { Frame } from './shell/frame.js';
import { refusalOf } from './shell/refusal.js';
import { SignIn } from './shell/sign-in.js';
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
  | { readonly is: 'asking' }
  | { readonly is: 'open' }
  /** `reason`: why whoever was let in is no longer. */
  | { readonly is: 'shut'; readonly reason: string | undefined };

/** Lets in whoever the gateway lets in. */
function Door(): JSX.Element {
  const [door, setDoor] = useState<Door>({ is: 'asking' });
  useEffect(() => {
    if (door.is !== 'asking') return;
    const hadToken = storedToken() !== null;
    void refusalOf(storedToken()).then((refusal) => {
      // A gateway that is away refuses nobody: the page says that it is away, and keeps trying.
      if (refusal === undefined || !refusal.isFinal) return setDoor({ is: 'open' });
      storeToken(null);
      setDoor({ is: 'shut', reason: hadToken ? refusal.text : undefined });
    });
  }, [door]);
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
    setDoor({ is: 'asking' });
  }, []);
  if (door.is === 'asking') {
    return (
      <Center component="main" mih="100vh">
        <Loader aria-label="Asking the gateway" />
      </Center>
    );
  }
  if (door.is === 'shut') return <SignIn reason={door.reason} onToken={signIn} />;
  return (
    <StudioProvider onRefused={onRefused}>
      <Frame onSignOut={signOut} />
    </StudioProvider>
  );
}

const ENDED = 'The token was revoked or has expired. Sign in again.';
