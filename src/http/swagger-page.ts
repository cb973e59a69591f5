/** What a page of Swagger UI shows, and where its scripts are; URLs are paths from the root of the host. */
export interface SwaggerPage {
  readonly title: string;
  readonly documentUrl: string;
  readonly assetsUrl: string;
}

/** A page of Swagger UI that shows one document. Its scripts are those of `/docs`. */
export function swaggerPage({ title, documentUrl, assetsUrl }: SwaggerPage): string {
  const options = { url: documentUrl, dom_id: '#swagger-ui', tryItOutEnabled: true, displayRequestDuration: true };
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
<script>SwaggerUIBundle(${JSON.stringify(options).replaceAll('<', '\\u003c')});</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
