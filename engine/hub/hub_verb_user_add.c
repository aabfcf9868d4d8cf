/* SPDX-License-Identifier: Apache-2.0
 * platen-hub user add. */
#include "engine/conf/secret.h"
#include "engine/hub/credential.h"
#include "engine/hub/hub_verbs.h"
#include "engine/hub/hub.h"
#include "engine/loop/crypto.h"

#include <string.h>

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
static int read_secret(
	const struct cli *cli, struct secret *s, enum archive_role role, char *why, size_t why_cap)
{
	const char *file = cli_value(cli, "password-file");
	if (file != NULL && strcmp(file, "-") == 0)
		return read_stdin(s, why, why_cap);
	if (file != NULL)
		return secret_read(s, file, why, why_cap);
	if (role != ROLE_AGENT) {
		(void)snprintf(why, why_cap, "--role %s needs --password-file",
			credential_role_name(role));
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
	int err = read_secret(cli, s, role, why, sizeof why);
	if (err == ERR_USAGE)
		return cli_usage(cli, "%s", why);
	if (err == 0)
		err = credential_set(
			&account, cli->args[0], role, s->bytes, cli_wall_ms(), why, sizeof why);
	if (err == 0)
		err = hub_put_account(conf, &account, why, sizeof why);
	crypto_wipe(&account, sizeof account);
	if (err < 0)
		return cli_fail(cli, err, "user add %s: %s", cli->args[0],
			why[0] != '\0' ? why : err_text(err));
	const char *what = strcmp(why, ACCOUNT_REPLACED) == 0
				   ? "was there, its old secret is refused from now on; role"
				   : "added as";
	if (cli_has(cli, "password-file")) {
		(void)fprintf(
			stderr, "%s: %s %s\n", cli->args[0], what, credential_role_name(role));
		return CLI_OK;
	}
	(void)fprintf(
		stderr, "%s: %s agent; this is its secret, shown only now:\n", cli->args[0], what);
	(void)printf("%s\n", s->bytes);
	return cli_finish(cli);
}

static int run(const struct cli *cli)
{
	struct hub_conf conf;
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	struct secret s = {0};
	int role = credential_role_from(cli_value(cli, "role"));
	code = add(cli, &conf, (enum archive_role)role, &s);
	secret_wipe(&s);
	hub_conf_free(&conf);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("role", 0, .type = CLI_WORD, .is_needed = true, .value = "ROLE",
		.words = "agent operator viewer", .help = "what the account may do"),
	CLI_OPTION("password-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "its first line is the password; - reads stdin"),
	{.name = NULL}};

const struct cli_verb hub_verb_user_add = {.name = "user add",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = "make an account, or give it a new secret",
	.details = "For the role agent a secret of 160 random bits is made and printed once, on "
		   "stdout: it belongs into the agent's hub.password_file. For operator and viewer "
		   "the password is the first line of a file. Works whether or not the hub runs; "
		   "root adds accounts as the owner of the state directory.",
	.options = {conf_option_config, options},
	.run = run};
