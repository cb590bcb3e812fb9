import { type Html, html } from '../../pages/html.js';
import { alertLine, csrfField, usernameForManagers } from './form.js';

export interface PasswordPage {
  readonly notice: Html | null;
  readonly error: string | null;
  readonly csrf: string;
  readonly action: string;
  readonly username: string;
  readonly stay: boolean;
}

/** ASVS 6.2.3: the present one and the new one; 6.2.7: pasting and password managers are welcome. */
export function passwordPage({ notice, error, csrf, action, username, stay }: PasswordPage): Html {
  const invalid = error ? html` aria-invalid="true" aria-describedby="error"` : '';
  return html`<h1>Change your password</h1>
${notice}${alertLine(error)}
<form method="post" action="${action}" class="narrow">
${csrfField(csrf)}${usernameForManagers(username)}
<div class="field"><label for="password">Present password</label>
<input type="password" id="password" name="password" autocomplete="current-password" maxlength="1024" required${invalid}></div>
<div class="field"><label for="new">New password</label>
<input type="password" id="new" name="new_password" autocomplete="new-password" minlength="8" maxlength="1024" required aria-describedby="rule"${error && html` aria-invalid="true"`}>
<p class="soft small" id="rule">At least 8 characters. A few words in a row are good.</p></div>
<div class="field"><label for="again">New password, once more</label>
<input type="password" id="again" name="new_password_again" autocomplete="new-password" minlength="8" maxlength="1024" required></div>
<div class="warning"><p class="plain-text">With a new password <strong>you are signed out on all your other devices</strong>, and applications that keep access when you are not here lose it until you use them again.</p></div>
<label class="check" for="stay"><input type="checkbox" id="stay" name="stay" value="yes"${stay && html` checked`}>
<span>Stay signed in on this device</span></label>
<div class="actions"><button type="submit">Change password</button></div>
</form>`;
}
