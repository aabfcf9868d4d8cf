/* SPDX-License-Identifier: Apache-2.0
 * platen-hub run, platen-hub user add. */
#include "engine/hub/hub_verbs.h"
#include "engine/conf/secret.h"
#include "engine/hub/hub.h"
#include "engine/hub/credential.h"
#include "engine/loop/crypto.h"

#include <stdio.h>
#include <string.h>

const struct cli_option hub_run_options[] = {CLI_OPTION_CONFIG,
	{"ready-fd", 0, "N", "write one line of JSON there when the hub listens"}, {0}};

int hub_verb_run(const struct cli *cli)
{
	struct hub_conf conf;
	uint64_t fd = 0;
	int err = cli_number(cli, "ready-fd", 1, 1u << 20, 0, &fd);
	if (err < 0)
		return CLI_USAGE;
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	err = hub_run(&conf, cli_has(cli, "ready-fd") ? (int)fd : -1);
	hub_conf_free(&conf);
	return err < 0 ? cli_exit_of(err) : CLI_OK;
}

const struct cli_option hub_user_options[] = {CLI_OPTION_CONFIG,
	{"role", 0, "ROLE", "agent, operator or viewer"},
	{"password-file", 0, "FILE", "its first line is the password; - reads stdin"}, {0}};

/* The first line of stdin. */
static int read_stdin(struct secret *s, char *why, size_t why_cap)
{
	if (fgets(s->bytes, sizeof s->bytes, stdin) == NULL)
		s->bytes[0] = '\0';
	s->len = strcspn(s->bytes, "\r\n");
	bool is_whole = s->bytes[s->len] != '\0' || feof(stdin);
	s->bytes[s->len] = '\0';
	if (s->len > 0 && is_whole)
		return 0;
	(void)snprintf(why, why_cap, "stdin: a password of 1 to %d characters, with its newline",
		LIMIT_PASSWORD - 1);
	return ERR_FORMAT;
}

/* From the file, or a new one for an agent. */
static int get_secret(
	const struct cli *cli, struct secret *s, enum archive_role role, char *why, size_t why_cap)
{
	const char *file = cli_value(cli, "password-file");
	if (file != NULL && strcmp(file, "-") == 0)
		return read_stdin(s, why, why_cap);
	if (file != NULL)
		return secret_read(s, file, why, why_cap);
	if (role != ROLE_AGENT) {
		(void)snprintf(
			why, why_cap, "an %s needs --password-file", credential_role_name(role));
		return ERR_USAGE;
	}
	int err = credential_make(s->bytes);
	if (err < 0)
		(void)snprintf(why, why_cap, "no random numbers: %s", err_text(err));
	s->len = strlen(s->bytes);
	return err;
}

static int add(const struct cli *cli, const struct hub_conf *conf, enum archive_role role,
	struct secret *s)
{
	char why[LIMIT_WHY] = "";
	struct archive_account account;
	int err = get_secret(cli, s, role, why, sizeof why);
	if (err == ERR_USAGE)
		return cli_usage(cli, "%s", why);
	if (err == 0)
		err = credential_set(
			&account, cli->args[0], role, s->bytes, cli_wall_ms(), why, sizeof why);
	if (err == 0)
		err = hub_put_account(conf, &account, why, sizeof why);
	crypto_wipe(&account, sizeof account);
	if (err < 0) {
		cli_error(
			cli, "user add %s: %s", cli->args[0], why[0] != '\0' ? why : err_text(err));
		return cli_exit_of(err);
	}
	if (cli_has(cli, "password-file")) {
		(void)fprintf(
			stderr, "%s: added as %s\n", cli->args[0], credential_role_name(role));
		return CLI_OK;
	}
	(void)fprintf(
		stderr, "%s: added as agent; this is its secret, shown only now:\n", cli->args[0]);
	(void)printf("%s\n", s->bytes);
	return cli_finish(cli);
}

int hub_verb_user_add(const struct cli *cli)
{
	const char *word = cli_value(cli, "role");
	int role = word == NULL ? ERR_FORMAT : credential_role_from(word);
	if (role < 0)
		return cli_usage(cli, "--role must be agent, operator or viewer");
	struct hub_conf conf;
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	struct secret s = {0};
	code = add(cli, &conf, (enum archive_role)role, &s);
	secret_wipe(&s);
	hub_conf_free(&conf);
	return code;
}
