/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/printer_options.h"

#include "engine/agent/verbs.h"
#include "engine/conf/table.h"
#include "proto/base/limits.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

#include <string.h>

static int take_community(const struct cli *cli, struct secret *s)
{
	const char *name = cli_value(cli, "community");
	const char *file = cli_value(cli, "community-file");
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	if (name != NULL && file != NULL)
		return cli_usage(cli, "either --community or --community-file, not both");
	if (file != NULL) {
		int err = secret_read(s, file, why, sizeof why);
		if (err < 0) {
			cli_error(cli, "%s", why);
			return cli_exit_of(err);
		}
	} else {
		name = name == NULL ? "public" : name;
		s->len = strnlen(name, LIMIT_PASSWORD);
		memcpy(s->bytes, name, s->len);
		s->bytes[s->len] = '\0';
	}
	if (s->len == 0 || s->len > LIMIT_COMMUNITY)
		return cli_usage(cli, "a community has 1 to %d bytes", LIMIT_COMMUNITY);
	return CLI_OK;
}

/* ---- SNMPv3 ------------------------------------------------------------------------------ */

static int word_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; word != NULL && i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	}
	return word == NULL ? 0 : -1;
}

static int take_half(const struct cli *cli, const char *option, const char *file_option, bool is_on,
	struct secret *s)
{
	const char *file = cli_value(cli, file_option);
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	if (is_on != (file != NULL))
		return cli_usage(cli, "--%s and --%s belong together", option, file_option);
	if (!is_on)
		return CLI_OK;
	if (secret_read(s, file, why, sizeof why) < 0) {
		cli_error(cli, "%s", why);
		return CLI_CONFIG;
	}
	if (s->len < LIMIT_PASSPHRASE_MIN) {
		cli_error(cli, "%s holds less than %d bytes; RFC 3414 asks for that many", file,
			LIMIT_PASSPHRASE_MIN);
		return CLI_CONFIG;
	}
	return CLI_OK;
}

static int take_user(const struct cli *cli, struct conf_credential *c)
{
	int auth = word_of(cli_value(cli, "auth"), usm_auth_names, USM_AUTH_COUNT);
	int priv = word_of(cli_value(cli, "priv"), usm_priv_names, USM_PRIV_COUNT);
	*c = (struct conf_credential){.name = "(options)",
		.version = SNMP_V3,
		.user = cli_value(cli, "user"),
		.context = cli_value(cli, "context")};
	if (auth < 0)
		return cli_usage(cli, "--auth takes none md5 sha1 sha224 sha256 sha384 sha512");
	if (priv < 0)
		return cli_usage(cli, "--priv takes none des aes128 aes192 aes256 aes192c aes256c");
	if (c->user == NULL)
		return cli_usage(cli, "SNMPv3 needs --user");
	if (c->user[0] == '\0' || strlen(c->user) > SNMP3_USER)
		return cli_usage(cli, "a user has 1 to %d bytes", SNMP3_USER);
	if (c->context != NULL && strlen(c->context) > SNMP3_CONTEXT)
		return cli_usage(cli, "a context has at most %d bytes", SNMP3_CONTEXT);
	if (priv != USM_PRIV_NONE && auth == USM_AUTH_NONE)
		return cli_usage(cli, "--priv needs --auth");
	c->auth = (uint8_t)auth;
	c->priv = (uint8_t)priv;
	int code = take_half(
		cli, "auth", "auth-password-file", auth != USM_AUTH_NONE, &c->auth_password);
	return code != CLI_OK ? code
			      : take_half(cli, "priv", "priv-password-file", priv != USM_PRIV_NONE,
					&c->priv_password);
}

/* ---- a credential by its name ------------------------------------------------------------ */

static int take_conf(const struct cli *cli, struct cli_printer *p)
{
	struct conf_error why;
	int err = agent_conf_load(&p->conf, cli_config_file(cli), &why);
	if (err < 0)
		return cli_conf_refused(cli, &why);
	p->has_conf = true;
	p->options.conf = &p->conf;
	return agent_use_fips(cli, &p->conf);
}

static int take_named(const struct cli *cli, struct cli_printer *p)
{
	const char *name = cli_value(cli, "credential");
	char hint[LIMIT_WHY];
	p->options.credential = agent_conf_credential(&p->conf, name);
	if (p->options.credential == NULL) {
		conf_credential_hint(hint, sizeof hint, &p->conf, name);
		cli_error(cli, "%s: no entry of snmp.credentials is called \"%s\"%s", p->conf.file,
			name, hint);
		return CLI_CONFIG;
	}
	p->options.version = p->options.credential->version;
	p->options.community = p->options.credential->community;
	return CLI_OK;
}

/* Which options belong to which way; the first that is given and does not is named. */
static const char *first_given(const struct cli *cli, const char *const *names)
{
	while (*names != NULL && !cli_has(cli, *names))
		names++;
	return *names;
}

static const char *const of_v3[] = {
	"user", "auth", "auth-password-file", "priv", "priv-password-file", "context", NULL};
static const char *const of_words[] = {"community", "community-file", NULL};

static int take_way(const struct cli *cli, struct cli_printer *p)
{
	const char *version = cli_value(cli, "version");
	bool is_v3 = cli_has(cli, "v3") || cli_has(cli, "user") ||
		     (version != NULL && strcmp(version, "3") == 0);
	if (version != NULL && strcmp(version, "1") != 0 && strcmp(version, "2c") != 0 &&
		strcmp(version, "3") != 0)
		return cli_usage(cli, "--version takes 1, 2c or 3");
	if (is_v3 && version != NULL && version[0] != '3')
		return cli_usage(cli, "--user and --v3 are SNMPv3, not --version %s", version);
	const char *wrong = first_given(cli, is_v3 ? of_words : of_v3);
	if (wrong != NULL)
		return cli_usage(cli, "--%s is of no use %s", wrong,
			is_v3 ? "with SNMPv3" : "without SNMPv3: --v3");
	p->options.version = is_v3                                  ? SNMP_V3
			     : version != NULL && version[0] == '1' ? SNMP_V1
								    : SNMP_V2C;
	p->options.is_told = is_v3 || version != NULL || first_given(cli, of_words) != NULL;
	if (is_v3) {
		p->options.credential = &p->own;
		return take_user(cli, &p->own);
	}
	int code = take_community(cli, &p->community);
	p->options.community = p->community.bytes;
	return code;
}

/* What options say is held against fips: on as well; the configuration's own was when it was read.
 */
static int check_fips(const struct cli *cli, const struct cli_printer *p)
{
	struct conf_target way = {
		.version = p->options.version, .credential = p->options.credential};
	/* Without a word of how to ask, it is the configuration's credentials. */
	if (!p->has_conf || !p->conf.is_fips || !p->options.is_told)
		return CLI_OK;
	const char *why = conf_fips_refuses(&way);
	if (why == NULL)
		return CLI_OK;
	cli_error(cli, "%s: \"fips: on\" refuses it: %s", p->conf.file, why);
	return CLI_CONFIG;
}

int cli_printer_take(const struct cli *cli, struct cli_printer *p)
{
	uint64_t port, tries;
	*p = (struct cli_printer){.options = {.host = cli->args[0], .version = SNMP_V2C}};
	if (cli_number(cli, "port", 1, 65535, 161, &port) < 0 ||
		cli_number(cli, "tries", 1, LIMIT_SNMP_TRIES, 5, &tries) < 0 ||
		cli_duration(cli, "timeout", 100, 120000, 5000, &p->options.timeout_ms) < 0)
		return CLI_USAGE;
	p->options.port = (uint16_t)port;
	p->options.tries = (unsigned)tries;
	p->options.models = cli_value(cli, "models");
	bool is_named = cli_has(cli, "credential");
	int code = is_named || cli_has(cli, "config") ? take_conf(cli, p) : CLI_OK;
	if (code != CLI_OK)
		return code;
	if (!is_named) {
		code = take_way(cli, p);
		return code == CLI_OK ? check_fips(cli, p) : code;
	}
	const char *wrong = first_given(cli, of_v3);
	if (wrong == NULL)
		wrong = first_given(cli, of_words);
	if (wrong == NULL)
		wrong = cli_has(cli, "version") ? "version" : cli_has(cli, "v3") ? "v3" : NULL;
	if (wrong != NULL)
		return cli_usage(cli, "either --credential or --%s, not both", wrong);
	p->options.is_told = true;
	return take_named(cli, p);
}

void cli_printer_close(struct cli_printer *p)
{
	secret_wipe(&p->community);
	secret_wipe(&p->own.auth_password);
	secret_wipe(&p->own.priv_password);
	if (p->has_conf)
		agent_conf_free(&p->conf);
	p->has_conf = false;
}
