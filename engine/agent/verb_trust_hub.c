/* SPDX-License-Identifier: Apache-2.0
 * platen trust-hub: which key of the hub is pinned, and another one in its place. */
#include "engine/agent/verbs.h"
#include "engine/store/spool_offline.h"
#include "engine/ui/audit_verb.h"
#include "engine/uplink/hub_key.h"
#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

static int print_key(const struct cli *cli, const struct hub_key *k)
{
	char pinned[HUB_KEY_TEXT], confirmed[HUB_KEY_TEXT] = "none";
	(void)hub_key_text(pinned, k->der, k->len);
	if (k->has_confirmed)
		str_hex(confirmed, k->confirmed, sizeof k->confirmed);
	if (cli_has(cli, "json"))
		(void)printf("{\"pinned\":\"%s\",\"confirmed\":\"%s\"}\n", pinned, confirmed);
	else
		(void)printf("pinned:    %s\nconfirmed: %s\n", pinned, confirmed);
	return cli_finish(cli);
}

static int show(const struct cli *cli, const char *dir)
{
	struct hub_key k;
	struct spool *s;
	char why[LIMIT_WHY] = "";
	int err = spool_open_beside(&s, dir, why, sizeof why);
	if (err < 0)
		return cli_finish_state(
			cli, err, dir, why, "no agent has run here yet; start with: platen once");
	err = hub_key_load(&k, s);
	spool_close_beside(s);
	return err < 0 ? cli_fail(cli, err, "%s: %s", dir, err_text(err)) : print_key(cli, &k);
}

static int confirm(const struct cli *cli, const char *dir, struct spool *s, const char *new_key)
{
	struct hub_key k;
	char pinned[HUB_KEY_TEXT], what[LIMIT_WHY];
	uint8_t fingerprint[CRYPTO_SHA256];
	if (str_unhex(fingerprint, sizeof fingerprint, new_key, strlen(new_key)) !=
		(int)sizeof fingerprint)
		return cli_usage(cli, "--new-key takes the 64 hexadecimal digits that platen-hub "
				      "key show prints");
	int err = hub_key_confirm(s, fingerprint);
	if (err == 0)
		err = hub_key_load(&k, s);
	if (err < 0)
		return cli_fail(cli, err, "%s: %s", dir, err_text(err));
	(void)snprintf(what, sizeof what, "what=trust-hub confirmed=%s pinned=%s", new_key,
		hub_key_text(pinned, k.der, k.len));
	audit_note_action(cli, dir, AUDIT_KEY, 0, what);
	return print_key(cli, &k);
}

static int confirm_alone(const struct cli *cli, const char *dir, const char *new_key)
{
	struct spool *s;
	char why[LIMIT_WHY] = "";
	int err = spool_open_offline(&s, dir, why, sizeof why);
	if (err < 0)
		return cli_fail(
			cli, err, "%s%s", why, err == ERR_STORE_LOCKED ? ": stop it first" : "");
	int code = confirm(cli, dir, s, new_key);
	spool_close_offline(s);
	return code;
}

static int show_or_confirm(const struct cli *cli, const char *dir)
{
	const char *new_key = cli_value(cli, "new-key");
	return new_key != NULL ? confirm_alone(cli, dir, new_key) : show(cli, dir);
}

static int run(const struct cli *cli)
{
	return agent_in_state_dir(cli, show_or_confirm);
}

static const struct cli_option options[] = {
	CLI_OPTION("new-key", 0, .type = CLI_TEXT, .value = "FINGERPRINT",
		.help = "the hub's new key, as platen-hub key show prints it"),
	{.name = NULL}};

const struct cli_verb agent_verb_trust_hub = {.name = "trust-hub",
	.summary = "show the pinned key of the hub, or confirm another one",
	.details =
		"The agent pins the key of the first hub that it meets over verified TLS, and "
		"takes "
		"no receipt by another one. After a hub was installed anew without its hub.key, "
		"--new-key confirms the new key: it is pinned at the next sync, when the hub shows "
		"that it has it. Without a pinned key, only a confirmed one is accepted from files "
		"(import-receipts). --new-key is refused while a daemon runs.",
	.options = {conf_option_config, options, cli_option_json},
	.run = run};
