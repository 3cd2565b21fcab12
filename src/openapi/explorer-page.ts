/**
 * The API explorer's page: Swagger UI below a bar of the page's own. Its script and its colours are
 * web-demo/public/explorer.js and explorer.css.
 */
export const EXPLORER_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>API – RCSP gateway</title>
    <link rel="icon" href="../icon.svg" />
    <link rel="stylesheet" href="./static/swagger-ui.css" />
    <link rel="stylesheet" href="../explorer.css" />
  </head>
  <body>
    <a class="skip" href="#swagger-ui">Skip to the API</a>
    <header class="bar">
      <a class="home" href="../"><img src="../icon.svg" alt="" width="28" height="28" />RCSP gateway</a>
      <nav aria-label="Documents">
        <a href="../openapi.json">openapi.json</a>
        <a href="../asyncapi.json">asyncapi.json</a>
      </nav>
      <span id="who" role="status"></span>
    </header>
    <main id="swagger-ui" tabindex="-1"><p class="loading">Loading…</p></main>
    <script src="./static/swagger-ui-bundle.js"></script>
    <script src="../explorer.js"></script>
  </body>
</html>
`;
