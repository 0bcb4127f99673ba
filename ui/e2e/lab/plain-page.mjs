// Serves a page that has nothing, forbids nothing, and belongs to nobody: node plain-page.mjs. Prints its address.
import { createServer } from 'node:http';

const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>elsewhere</title>'));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
