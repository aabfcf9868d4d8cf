/* SPDX-License-Identifier: Apache-2.0
 * platen purge: removes everything that the agent keeps. platen reset-identity: another agent id
 * and another key. */
#include "engine/agent/verbs.h"
#include "engine/store/purge.h"
#include "engine/ui/audit_verb.h"
#include "proto/base/str.h"
#include "proto/text/escape.h"
#include "proto/text/json_writer.h"

#include <errno.h>
#include <stdio.h>

struct report {
	struct writer json;
	bool is_json;
	uint64_t files, bytes, failed;
};

static void on_entry(void *owner, const char *name, uint64_t bytes, int err)
{
	struct report *r = owner;
	struct writer w;
	r->files += err == 0;
	r->bytes += err == 0 ? bytes : 0;
	r->failed += err < 0 && err != ERR_FORBIDDEN;
	if (r->is_json) {
		jw_object(&r->json, NULL);
		jw_str(&r->json, "name", name);
		jw_str(&r->json, "result",
			err == 0               ? "removed"
			: err == ERR_FORBIDDEN ? "not-of-platen"
					       : err_text(err));
		jw_uint(&r->json, "bytes", bytes);
		jw_end(&r->json);
		return;
	}
	writer_open_file(&w, stdout);
	writer_str(&w, err == 0 ? "removed  " : "stays    ");
	writer_shown(&w, text_of(name));
	if (err < 0)
		writer_printf(
			&w, ": %s", err == ERR_FORBIDDEN ? "not a file of platen" : err_text(err));
	writer_char(&w, '\n');
	(void)!writer_close(&w); /* cli_finish checks stdout */
}

static int purge(const struct cli *cli, const char *dir)
{
	char why[LIMIT_WHY] = "";
	struct report r = {.is_json = cli_has(cli, "json")};
	if (r.is_json) {
		writer_open_file(&r.json, stdout);
		jw_object(&r.json, NULL);
		jw_str(&r.json, "state_dir", dir);
		jw_array(&r.json, "entries");
	}
	int err = purge_state(dir, on_entry, &r, why, sizeof why);
	int closed = r.is_json ? jw_close(&r.json) : 0;
	if (err == -ENOENT)
		err = 0; /* there is nothing to remove */
	if (err == 0 && !r.is_json)
		(void)printf("%ju file%s removed from %s, %ju bytes. The configuration and its "
			     "files of secrets stay; the disk's blocks are not overwritten.\n",
			r.files, PLURAL_S(r.files), dir, r.bytes);
	int code = cli_finish(cli);
	if (err == ERR_STORE_LOCKED)
		return cli_fail(cli, err, "%s: stop it first; nothing was removed", why);
	if (err < 0) {
		/* Else the audit has gone with the rest. A refused purge has touched nothing, and
		 * leaves nothing: the directory may be another user's. */
		if (r.files + r.failed > 0)
			audit_note_action(cli, dir, AUDIT_PURGE, err, why);
		return cli_fail(cli, err, "%s", why);
	}
	return closed < 0 ? CLI_FAILED : code;
}

static int reset(const struct cli *cli, const char *dir)
{
	char why[LIMIT_WHY] = "", hex[33];
	uint8_t id[16];
	int err = purge_identity(dir, id, why, sizeof why);
	if (err == ERR_STORE_LOCKED)
		return cli_fail(cli, err, "%s: stop it first; the identity is as it was", why);
	if (err < 0)
		return cli_fail(cli, err, "%s", why);
	str_hex(hex, id, sizeof id);
	(void)snprintf(why, sizeof why, "agent=%s", hex);
	audit_note_action(cli, dir, AUDIT_IDENTITY, 0, why);
	if (cli_has(cli, "json"))
		(void)printf("{\"agent\":\"%s\"}\n", hex);
	else
		(void)printf("The agent is %s now, and its next start makes a new key. Tell the "
			     "operator of the hub: it is a new agent there, and the hub refuses "
			     "it (403) if the account is bound to the old key.\n",
			hex);
	return cli_finish(cli);
}

/* Both change what no other verb can give back. */
static int run_confirmed(
	const struct cli *cli, const char *what, int (*run)(const struct cli *cli, const char *dir))
{
	struct agent_conf conf;
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = cli_has(cli, "yes")
		       ? run(cli, conf.state_dir)
		       : cli_usage(cli, "%s %s: confirm it with --yes", what, conf.state_dir);
	agent_conf_free(&conf);
	return code;
}

static int run_purge(const struct cli *cli)
{
	return run_confirmed(cli, "this removes readings, device profiles and keys in", purge);
}

static int run_reset(const struct cli *cli)
{
	return run_confirmed(cli, "this gives a new identity to the agent of", reset);
}

static const struct cli_option options[] = {
	CLI_OPTION("yes", 'y', .help = "do it"), {.name = NULL}};

const struct cli_verb agent_verb_purge = {.name = "purge",
	.summary = "remove all data of the agent on this machine",
	.details = "Removes the spool with what was not sent yet, damaged stores, device profiles, "
		   "the agent's identity and key, status and audit files from state_dir. Files "
		   "that are not platen's stay there and are named; configuration and files of "
		   "secrets stay. It does not overwrite the disk's blocks. Refused while a daemon "
		   "runs.",
	.options = {options, conf_option_config, cli_option_json},
	.run = run_purge};

const struct cli_verb agent_verb_reset_identity = {.name = "reset-identity",
	.summary = "give the agent a new identifier and a new key",
	.details = "For a machine that was cloned, or that moves to another customer. At the hub "
		   "it is another agent from the next sync on, which sends all that is pending and "
		   "the full state of each printer; the pinned key of the hub is forgotten. "
		   "Refused while a daemon runs.",
	.options = {options, conf_option_config, cli_option_json},
	.run = run_reset};
