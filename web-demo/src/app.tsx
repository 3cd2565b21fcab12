import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import type { JSX } from 'react';
import { StudioProvider } from './components/studio-provider.js';
import { themeInAddress } from './lib/appearance.js';
import { storedToken, storeToken } from './lib/gateway.js';
import { Frame } from './features/shell/frame.js';
import { refusalOf } from './features/shell/refusal.js';
import { loadView } from './features/shell/view-boundary.js';
import { Waiting } from './features/shell/waiting.js';
import { theme } from './theme.js';

const SignIn = lazy(() => loadView(import('./features/shell/sign-in.js').then((m) => m.SignIn)));

/** No automatic refetch: events report changes. */
const queries = new QueryClient({
  defaultOptions: {
    // A studio's network often has no Internet access, which browsers report as offline.
    queries: { retry: false, refetchOnWindowFocus: false, staleTime: Infinity, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

export function App(): JSX.Element {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" {...forced()}>
      <QueryClientProvider client={queries}>
        <AccessGate />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** A theme in the address outranks the one that was chosen. */
function forced(): { forceColorScheme?: 'light' | 'dark' } {
  const inAddress = themeInAddress();
  return inAddress === 'light' || inAddress === 'dark' ? { forceColorScheme: inAddress } : {};
}

type Access =
  /** `problem`: why the last attempt failed. */
  | { readonly is: 'asking'; readonly problem: string | undefined }
  | { readonly is: 'open' }
  /** `reason`: why the session ended; undefined when there was none. */
  | { readonly is: 'shut'; readonly reason: string | undefined };

const ASKING: Access = { is: 'asking', problem: undefined };
const RETRY_MS = 3000;

/** Shows the page once the gateway has accepted the token, and a sign-in form when it refuses. */
function AccessGate(): JSX.Element {
  const [access, setAccess] = useState<Access>(ASKING);
  const [attempt, setAttempt] = useState(0);
  const isAsking = access.is === 'asking';
  const askAgain = useCallback(() => setAttempt((before) => before + 1), []);
  useEffect(() => {
    if (!isAsking) return undefined;
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const token = storedToken();
    void refusalOf(token).then((refusal) => {
      if (!isCurrent) return;
      if (refusal === undefined) return setAccess({ is: 'open' });
      if (refusal.isFinal) {
        storeToken(null);
        return setAccess({ is: 'shut', reason: token === null ? undefined : refusal.text });
      }
      setAccess({ is: 'asking', problem: refusal.text });
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
    setAccess({ is: 'shut', reason });
  }, []);
  const signIn = (token: string): void => {
    storeToken(token);
    queries.clear();
    setAccess({ is: 'open' });
  };
  const signOut = useCallback(() => {
    storeToken(null);
    queries.clear();
    setAccess(ASKING);
  }, []);
  if (access.is === 'asking') return <Waiting problem={access.problem} onRetry={askAgain} />;
  if (access.is === 'shut') {
    return (
      <Suspense fallback={null}>
        <SignIn reason={access.reason} onToken={signIn} />
      </Suspense>
    );
  }
  return (
    <StudioProvider onRefused={onRefused}>
      <Frame onSignOut={signOut} />
    </StudioProvider>
  );
}

const ENDED = 'The token was revoked or has expired. Sign in again.';
