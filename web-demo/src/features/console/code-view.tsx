import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { useCopier } from '../../components/clipboard.js';
import { codeOf, LANGUAGES, TOKEN_HINTS } from './request-code.js';
import type { CodeInput, Language } from './request-code.js';
import styles from './console.module.css';

/** Stays as it was chosen while the page is open. */
let lastLanguage: Language = 'curl';

/** The request as a line for a shell, or as code. */
export function CodeView(input: CodeInput): JSX.Element {
  const [language, setLanguage] = useState(lastLanguage);
  const { copy, message, clearMessage, dialog } = useCopier('code');
  const code = codeOf(language, input);
  // The message about a copy applies to the previous code.
  useEffect(clearMessage, [clearMessage, code]);
  const what = language === 'curl' ? 'the line' : 'the code';
  return (
    <section className={styles['stack']} aria-labelledby="console-code">
      <h3 id="console-code">As code</h3>
      <div className={styles['row']}>
        <div role="group" aria-label="Language" className={styles['languages']}>
          {LANGUAGES.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === language}
              onClick={() => {
                lastLanguage = each;
                setLanguage(each);
              }}
            >
              {each}
            </button>
          ))}
        </div>
        <Button icon="copy" onClick={() => copy(code, what)}>
          Copy {what}
        </Button>
        <span role="status" className="dim">
          {message}
        </span>
      </div>
      <pre
        className={`${styles['text']} ${styles['line']} mono`}
        role="region"
        aria-label={`The request for ${language}`}
        tabIndex={0}
      >
        {code}
      </pre>
      {input.needsToken && <p className="dim">{TOKEN_HINTS[language]}</p>}
      {dialog}
    </section>
  );
}
