import { type Html, html } from '../../pages/html.js';

export interface Overview {
  readonly notice: Html | null;
  readonly name: string;
  readonly cards: readonly { readonly href: string; readonly title: string; readonly text: string }[];
}

export function overviewPage({ notice, name, cards }: Overview): Html {
  return html`<h1>Hello, ${name}</h1>
${notice}
<ul class="cards">
${cards.map(({ href, title, text }) => html`<li class="card"><h2><a href="${href}">${title}</a></h2><p class="soft">${text}</p></li>`)}
</ul>`;
}
