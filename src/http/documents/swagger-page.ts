/** What a page of Swagger UI shows, and where its scripts are; URLs are paths from the root of the host. */
interface SwaggerPage {
  readonly title: string;
  readonly assetsUrl: string;
  /** Of the page's own script. */
  readonly scriptUrl: string;
}

/** A page of Swagger UI; the rest of its scripts are those of `/docs`. */
export function swaggerPage({ title, assetsUrl, scriptUrl }: SwaggerPage): string {
  const assets = escaped(assetsUrl);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script src="${escaped(scriptUrl)}"></script>
</body>
</html>
`;
}

/** The script of a page that shows one document. */
export function swaggerPageScript(documentUrl: string): string {
  const options = { url: documentUrl, dom_id: '#swagger-ui', tryItOutEnabled: true, displayRequestDuration: true };
  return `SwaggerUIBundle(${JSON.stringify(options)});\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
