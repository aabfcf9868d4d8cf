/* SPDX-License-Identifier: Apache-2.0
 * platen-hub key show, key rotate. */
#include "engine/hub/hub_verbs.h"
#include "engine/hub/owner.h"
#include "engine/hub/rotation.h"
#include "engine/ui/audit_verb.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <errno.h>

enum { FINGERPRINT_TEXT = 2 * CRYPTO_SHA256 + 1 };

static int fingerprint(const struct crypto_key *key, char text[FINGERPRINT_TEXT])
{
	uint8_t der[CRYPTO_PUBLIC_MAX], digest[CRYPTO_SHA256];
	text[0] = '\0';
	int n = crypto_key_public(key, der);
	int err = n < 0 ? n : crypto_sha256(der, (size_t)n, digest);
	if (err == 0)
		str_hex(text, digest, sizeof digest);
	return err;
}

/* Of hub.key, and of hub.key.old if that is there. */
static int read_keys(const char *dir, char now[FINGERPRINT_TEXT], char before[FINGERPRINT_TEXT],
	char *why, size_t why_cap)
{
	struct crypto_key *key = NULL, *old = NULL;
	now[0] = before[0] = '\0';
	if (!hub_key_exists(dir)) {
		(void)snprintf(why, why_cap, "%s: no hub has run here yet: it has no key", dir);
		return -ENOENT;
	}
	int err = hub_key_open(&key, dir, why, why_cap);
	if (err == 0)
		err = fingerprint(key, now);
	if (err == 0)
		err = hub_key_open_old(&old, dir, why, why_cap);
	if (err == 0 && old != NULL)
		err = fingerprint(old, before);
	crypto_key_close(key);
	crypto_key_close(old);
	return err;
}

static int print_keys(const struct cli *cli, const char *dir)
{
	char now[FINGERPRINT_TEXT], before[FINGERPRINT_TEXT], why[LIMIT_WHY] = "";
	int err = read_keys(dir, now, before, why, sizeof why);
	if (err < 0)
		return cli_fail(cli, err, "%s", why[0] != '\0' ? why : err_text(err));
	if (cli_has(cli, "json"))
		(void)printf("{\"fingerprint\":\"%s\",\"before\":%s%s%s}\n", now,
			before[0] != '\0' ? "\"" : "", before[0] != '\0' ? before : "null",
			before[0] != '\0' ? "\"" : "");
	else
		(void)printf("%s\n", now);
	return cli_finish(cli);
}

static int rotate_as_owner(const struct cli *cli, const char *dir)
{
	char now[FINGERPRINT_TEXT], before[FINGERPRINT_TEXT], why[LIMIT_WHY] = "";
	char what[LIMIT_WHY];
	/* A rotation before this one: its old key goes. */
	bool is_again = read_keys(dir, now, before, why, sizeof why) == 0 && before[0] != '\0';
	why[0] = '\0';
	int err = hub_key_rotate(dir, why, sizeof why);
	if (err == 0)
		err = read_keys(dir, now, before, why, sizeof why);
	if (err < 0)
		return cli_fail(cli, err, "%s", why[0] != '\0' ? why : err_text(err));
	(void)snprintf(
		what, sizeof what, "what=hub-key-rotated fingerprint=%s before=%s", now, before);
	audit_note_action(cli, dir, AUDIT_KEY, 0, what);
	if (!cli_has(cli, "json"))
		(void)fprintf(stderr,
			"%s: the new key is used from the hub's next start on. hub.key.old signs "
			"it for the agents: keep that file until all of them have synchronised.\n",
			dir);
	if (!cli_has(cli, "json") && is_again)
		(void)fprintf(stderr,
			"%s: the key before the last rotation is forgotten: agents that have not "
			"synchronised since then need platen trust-hub.\n",
			dir);
	return print_keys(cli, dir);
}

static int rotate(const struct cli *cli, const char *dir)
{
	char why[LIMIT_WHY] = "";
	int err = hub_act_as_owner(dir, why, sizeof why);
	if (err < 0)
		return cli_fail(cli, err, "%s", why);
	int code = rotate_as_owner(cli, dir);
	hub_act_as_root();
	return code;
}

static int run_show(const struct cli *cli)
{
	return hub_in_state_dir(cli, print_keys);
}

static int run_rotate(const struct cli *cli)
{
	return hub_in_state_dir(cli, rotate);
}

const struct cli_verb hub_verb_key_show = {.name = "key show",
	.summary = "print the fingerprint of the key that signs receipts",
	.details = "SHA-256 of the public key (DER SubjectPublicKeyInfo), as `platen trust-hub "
		   "--new-key` takes it.",
	.options = {conf_option_config, cli_option_json},
	.run = run_show};

const struct cli_verb hub_verb_key_rotate = {.name = "key rotate",
	.summary = "make a new key that signs receipts",
	.details = "The old key becomes hub.key.old and signs the new one in every receipt, by "
		   "which agents move their pin at their next sync. The hub uses the new key from "
		   "its next start on. An agent that did not synchronise between two rotations "
		   "needs `platen trust-hub`.",
	.options = {conf_option_config, cli_option_json},
	.run = run_rotate};
