import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import { AccessProvider } from './components/access-provider.js';
import { StudioProvider } from './components/studio-provider.js';
import { firstRefusalOf, isLetIn } from './lib/early-studio.js';
import { storedToken, storeToken, watchForgottenToken } from './lib/stored-token.js';
import { Frame } from './features/shell/frame.js';
import { redeem, takeCode, watchCodes } from './features/shell/sign-in-code.js';
import { loadView } from './features/shell/view-boundary.js';
import { Waiting } from './features/shell/waiting.js';

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
    <QueryClientProvider client={queries}>
      <AccessGate />
    </QueryClientProvider>
  );
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
  const [access, setAccess] = useState<Access>(() => (isLetIn() ? { is: 'open' } : ASKING));
  const [attempt, setAttempt] = useState(0);
  const [linkCode] = useState(takeCode);
  /** Of a sign-in link, until it is exchanged. */
  const code = useRef(linkCode);
  const isAsking = access.is === 'asking';
  const askAgain = useCallback(() => setAttempt((before) => before + 1), []);
  useEffect(() => {
    if (!isAsking) return undefined;
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    void enter(code.current).then((found) => {
      if (!isCurrent) return;
      setAccess(found);
      if (found.is === 'asking') timer = setTimeout(askAgain, RETRY_MS);
      else code.current = undefined;
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
  const signIn = (token: string, isKept: boolean): void => {
    storeToken(token, isKept);
    queries.clear();
    setAccess({ is: 'open' });
  };
  const signOut = useCallback(() => {
    storeToken(null);
    queries.clear();
    setAccess(ASKING);
  }, []);
  useEffect(() => watchForgottenToken(signOut), [signOut]);
  useEffect(
    () =>
      watchCodes((found) => {
        code.current = found;
        queries.clear();
        setAccess(ASKING);
        askAgain();
      }),
    [askAgain],
  );
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
      <AccessProvider>
        <Frame onSignOut={signOut} />
      </AccessProvider>
    </StudioProvider>
  );
}

/** Comes in by the code of a link, else by the token that is stored, else by none. */
async function enter(code: string | undefined): Promise<Access> {
  const refusedCode = code === undefined ? undefined : await redeem(code);
  if (refusedCode?.isFinal === false) return { is: 'asking', problem: refusedCode.text };
  const token = storedToken();
  const refusal = await firstRefusalOf(token);
  if (refusal === undefined) return { is: 'open' };
  if (!refusal.isFinal) return { is: 'asking', problem: refusal.text };
  storeToken(null);
  return { is: 'shut', reason: refusedCode?.text ?? (token === null ? undefined : refusal.text) };
}

const ENDED = 'The token was revoked or has expired. Sign in again.';
