import { createHash } from 'node:crypto';

/**
 * The one style sheet, in the page itself: nothing else is loaded, so the policy can forbid everything. Light and dark by the
 * system's wish; contrast of text at least 4.5:1 in both (WCAG 1.4.3), targets at least 44 px high (2.5.5).
 */
export const STYLE = `
:root{color-scheme:light dark;--ground:#eef1f6;--card:#fff;--text:#1a2233;--soft:#4d5870;--line:#cdd4e0;--accent:#1f4fd8;--accent-text:#fff;--warn:#fff4dc;--warn-line:#b97a00;--bad:#b3181f;--bad-ground:#fdecec;--focus:#1f4fd8}
@media (prefers-color-scheme:dark){:root{--ground:#10141d;--card:#1a2130;--text:#e9edf5;--soft:#aab4c8;--line:#3a465c;--accent:#8fb0ff;--accent-text:#0c1424;--warn:#33290f;--warn-line:#e0aa3e;--bad:#ff9b9b;--bad-ground:#3a1a1d;--focus:#8fb0ff}}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;padding:1.5rem 1rem;background:var(--ground);color:var(--text)}
main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:2rem;box-shadow:0 10px 40px rgb(15 23 42/.08)}
.mark{display:flex;align-items:center;gap:.6rem;margin:0 0 1.5rem;color:var(--soft);font-weight:600;letter-spacing:.01em}
.mark svg{width:1.75rem;height:1.75rem;color:var(--accent)}
h1{font-size:1.45rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.soft{color:var(--soft)}
.small{font-size:.875rem}
form{margin:0}
label{display:block;font-weight:600;margin:0 0 .35rem}
.field{margin:0 0 1.1rem}
input[type=text],input[type=password]{width:100%;min-height:2.9rem;padding:.6rem .8rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:10px}
input[aria-invalid=true]{border-color:var(--bad)}
.check{display:flex;align-items:flex-start;gap:.65rem;padding:.45rem 0;font-weight:400;margin:0}
.check input{width:1.2rem;height:1.2rem;margin:.15rem 0 0;flex:none;accent-color:var(--accent)}
button,.button{display:block;width:100%;min-height:2.9rem;padding:.65rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;color:var(--accent-text);background:var(--accent);border:1px solid var(--accent);border-radius:10px;cursor:pointer}
button.quiet,.button.quiet{color:var(--text);background:transparent;border-color:var(--line)}
.actions{display:grid;gap:.7rem;margin-top:1.4rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
h1:focus{outline:none}
.alert{border:1px solid var(--bad);background:var(--bad-ground);color:var(--bad);border-radius:10px;padding:.7rem .9rem;margin:0 0 1.2rem}
.warning{border:1px solid var(--warn-line);border-left-width:5px;background:var(--warn);border-radius:10px;padding:.7rem .9rem;margin:.8rem 0}
.warning .check{padding:0}
.warning p{margin:.35rem 0 0 1.85rem}
fieldset{border:0;margin:0;padding:0}
legend{padding:0;font-weight:600;margin:0 0 .35rem}
.scopes{border-top:1px solid var(--line);border-bottom:1px solid var(--line);padding:.5rem 0;margin:0 0 .8rem;list-style:none}
.scopes li{margin:0}
.fixed{display:flex;gap:.65rem;padding:.45rem 0}
.fixed svg{width:1.2rem;height:1.2rem;flex:none;margin-top:.15rem;color:var(--accent)}
.wide{max-width:46rem}
.narrow{max-width:24rem}
nav{border-bottom:1px solid var(--line);margin:0 0 1.5rem}
nav ul,.cards,.plain{list-style:none;padding:0;margin:0}
nav ul{display:flex;flex-wrap:wrap;margin-bottom:-1px}
nav a{display:block;min-height:2.75rem;padding:.6rem .8rem;font-weight:600;text-decoration:none;color:var(--soft);border-bottom:3px solid transparent}
nav a[aria-current]{color:var(--text);border-color:var(--accent)}
.row{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:flex-start;justify-content:space-between}
.row>div{flex:1 1 16rem;min-width:0}
.who{align-items:center;margin-bottom:.5rem}
.who p{margin:0}
.cards{display:grid;gap:.8rem;margin:1rem 0}
.card{border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem}
.card h2{font-size:1.05rem;line-height:1.4;margin:0 0 .25rem;overflow-wrap:anywhere}
.card>:last-child,.card .row p:last-child{margin-bottom:0}
.card p{margin-bottom:.35rem}
.log{gap:.5rem}
.plain li{padding:.15rem 0 .15rem 1.1rem;position:relative}
.plain li::before{content:"";position:absolute;left:0;top:.8em;width:.4rem;height:.4rem;border-radius:50%;background:var(--accent)}
.badge{display:inline-block;font-size:.8rem;font-weight:600;border:1px solid var(--accent);color:var(--accent);border-radius:99px;padding:0 .6rem;white-space:nowrap}
.badge.bad{border-color:var(--bad);color:var(--bad)}
.notice{border:1px solid var(--accent);border-left-width:5px;border-radius:10px;padding:.7rem .9rem;margin:.8rem 0 1.2rem}
.warning p.plain-text{margin:0}
button.compact{width:auto;min-height:2.75rem;padding:.4rem 1rem}
code{font-size:.875rem;overflow-wrap:anywhere}
a{color:var(--accent)}
footer{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line)}
footer p{margin:0 0 .25rem}
@media (max-width:30rem){body{align-items:flex-start;padding:0;background:var(--card)}main{border:0;border-radius:0;box-shadow:none;padding:1.5rem 1.25rem}}
@media (prefers-reduced-motion:no-preference){button,.button{transition:filter .15s}button:hover,.button:hover{filter:brightness(1.07)}}
@media (forced-colors:active){main,.alert,.warning,.notice{border:2px solid CanvasText}}
`;

export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
