/* global SwaggerUIBundle */
/* Starts Swagger UI with the page's token, and repairs what keeps people with assistive technology out. */

/** As web-demo/src/lib/gateway.ts keeps it. */
function storedToken() {
  const base = new URL('..', location.href).pathname.replace(/\/studios\/[^/]+\/$/, '/');
  const key = base === '/' ? 'rcsp-gateway-token' : `rcsp-gateway-token ${base}`;
  return sessionStorage.getItem(key) ?? localStorage.getItem(key);
}

async function fillIn(ui) {
  const token = storedToken();
  const who = document.getElementById('who');
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const live = await fetch('../live', { headers }).then((answer) => answer.json());
  if (live.mayRead !== true) {
    who.textContent = token === null ? 'Not signed in' : 'The token is no longer valid';
    return;
  }
  if (token !== null) ui.preauthorizeApiKey('token', token);
  const { name, scope } = await fetch('../v1/me', { headers }).then((answer) => answer.json());
  who.textContent = name === null ? '' : `${name} · ${scope}`;
}

/** A summary is a button: a link in it can neither be reached nor pressed. Opening it changes the address anyway. */
function plainSummaries({ React }) {
  const DeepLink =
    () =>
    ({ text }) =>
      React.createElement('span', null, text);
  return { wrapComponents: { DeepLink } };
}

/** Names of controls that Swagger UI leaves without one. */
const LABELS = [
  ['#servers', 'Server'],
  ['.copy-to-clipboard button', 'Copy'],
  ['.body-param__text', 'Request body'],
  ['.examples-select-element', 'Example'],
  ['select.content-type', 'Media type'],
  ['.content-type-wrapper select', 'Media type'],
  ['.response-control-media-type select', 'Media type'],
  ['.opblock-summary > button:not(.opblock-summary-control)', 'Use a token'],
  ['.modal-ux .close-modal', 'Close'],
  ['.expand-operation', 'Show or hide the group'],
];

function labelControls() {
  for (const [selector, label] of LABELS)
    for (const element of document.querySelectorAll(`.swagger-ui ${selector}:not([aria-label])`))
      element.setAttribute('aria-label', label);
  for (const element of document.querySelectorAll(
    '.parameters :is(input, select, textarea):not([aria-label])',
  )) {
    const name = element.closest('tr')?.dataset.paramName;
    if (name !== undefined) element.setAttribute('aria-label', name);
  }
  // They may scroll, which the keyboard must be able to do.
  for (const code of document.querySelectorAll('.swagger-ui pre:not([tabindex])')) code.tabIndex = 0;
  // Its label is "Apply credentials", which nobody can see and say.
  for (const button of document.querySelectorAll('.auth-btn-wrapper .authorize'))
    button.removeAttribute('aria-label');
  // Operations follow on groups, whose headings are of the third level.
  for (const heading of document.querySelectorAll('.swagger-ui h3.opblock-tag')) heading.ariaLevel = '2';
}

let isDue = false;
new MutationObserver(() => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    labelControls();
  });
}).observe(document.getElementById('swagger-ui'), { childList: true, subtree: true });

/** The look that was chosen in the page; without one, the system's. */
function followScheme() {
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.scheme = chosen;
}

followScheme();
const ui = SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: new URL('json', location.href).href,
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [plainSummaries],
  layout: 'BaseLayout',
  docExpansion: 'list',
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  syntaxHighlight: { activated: false },
  onComplete: () => void fillIn(ui),
});
