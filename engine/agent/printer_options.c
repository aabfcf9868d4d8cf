/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/printer_options.h"

#include "engine/agent/keys.h"
#include "engine/agent/verbs.h"
#include "engine/conf/table.h"
#include "engine/store/address_key.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

const struct cli_option agent_printer_options[] = {
	CLI_OPTION("port", 'p', .type = CLI_NUMBER, .value = "PORT", .min = 1, .max = UINT16_MAX,
		.preset = "161",
		.help = "the printer's UDP port; with --config, that of its target unless given"),
	CLI_OPTION("version", 'v', .type = CLI_WORD, .value = "V", .words = "1 2c 3",
		.help = "SNMP version, 2c unless --user is given"),
	CLI_OPTION("v3", '3', .help = "the same as --version 3"),
	CLI_OPTION("community", 'c', .type = CLI_TEXT, .value = "NAME",
		.help = "the community (public); other users of this machine can see it, so a "
			"secret one belongs in a file"),
	CLI_OPTION("community-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a private file with the community"),
	CLI_OPTION("user", 'u', .type = CLI_TEXT, .value = "NAME", .help = "the SNMPv3 user"),
	CLI_OPTION("auth", 0, .type = CLI_WORD, .value = "WORD",
		.words = "none md5 sha1 sha224 sha256 sha384 sha512", .preset = "none",
		.help = "its authentication protocol"),
	CLI_OPTION("auth-password-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a private file with its authentication passphrase"),
	CLI_OPTION("priv", 0, .type = CLI_WORD, .value = "WORD",
		.words = "none des aes128 aes192 aes256 aes192c aes256c", .preset = "none",
		.help = "its privacy protocol; aes192c and aes256c are Cisco's key extension"),
	CLI_OPTION("priv-password-file", 0, .type = CLI_FILE, .value = "FILE",
		.help = "a private file with its privacy passphrase"),
	CLI_OPTION(
		"context", 0, .type = CLI_TEXT, .value = "NAME", .help = "the SNMPv3 contextName"),
	CLI_OPTION("credential", 0, .type = CLI_TEXT, .value = "NAME",
		.help = "an entry of snmp.credentials, in place of the options above"),
	CLI_OPTION("config", 0, .type = CLI_FILE, .value = "FILE", .words = ".yaml .yml",
		.help = "the configuration with that entry and the access rules"),
	CLI_OPTION("timeout", 't', .type = CLI_DURATION, .value = "TIME", .min = 100, .max = 120000,
		.preset = "5s", .help = "how long one request may take, with its retransmissions"),
	CLI_OPTION("tries", 'r', .type = CLI_NUMBER, .value = "N", .min = 1,
		.max = LIMIT_SNMP_TRIES, .preset = "5", .help = "how often one request is sent"),
	{.name = NULL}};

static const char *const of_v3[] = {
	"user", "auth", "auth-password-file", "priv", "priv-password-file", "context", NULL};
static const char *const of_community[] = {"community", "community-file", NULL};

static const char *first_given(const struct cli *cli, const char *const *names)
{
	while (*names != NULL && !cli_has(cli, *names))
		names++;
	return *names;
}

/* ---- SNMPv1 and SNMPv2c ------------------------------------------------------------------ */

static int read_secret(const struct cli *cli, struct secret *s, const char *file)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	int err = secret_read(s, file, why, sizeof why);
	return err < 0 ? cli_fail(cli, err, "%s", why) : CLI_OK;
}

int printer_read_community(const struct cli *cli, struct secret *s)
{
	const char *name = cli_value(cli, "community");
	const char *file = cli_value(cli, "community-file");
	if (name != NULL && file != NULL)
		return cli_usage(cli, "either --community or --community-file, not both");
	if (file != NULL) {
		int code = read_secret(cli, s, file);
		if (code != CLI_OK)
			return code;
	} else if (name != NULL) {
		s->len = strnlen(name, LIMIT_PASSWORD);
		memcpy(s->bytes, name, s->len);
		s->bytes[s->len] = '\0';
	} else {
		return CLI_OK;
	}
	if (s->len == 0 || s->len > LIMIT_COMMUNITY)
		return cli_usage(cli, "a community has 1 to %d bytes", LIMIT_COMMUNITY);
	return CLI_OK;
}

static int use_community(struct printer_options *o)
{
	int code = printer_read_community(o->cli, &o->community_bytes);
	o->community = o->community_bytes.len > 0 ? o->community_bytes.bytes : "public";
	return code;
}

/* ---- SNMPv3 ------------------------------------------------------------------------------ */

static int read_passphrase(const struct cli *cli, const char *option, const char *file_option,
	bool is_on, struct secret *s)
{
	const char *file = cli_value(cli, file_option);
	if (is_on != (file != NULL))
		return cli_usage(cli, "--%s and --%s belong together", option, file_option);
	if (!is_on)
		return CLI_OK;
	int code = read_secret(cli, s, file);
	if (code == CLI_OK && s->len < LIMIT_PASSPHRASE_MIN)
		code = cli_fail(cli, ERR_CONF,
			"%s holds less than %d bytes; RFC 3414 asks for that many", file,
			LIMIT_PASSPHRASE_MIN);
	return code;
}

static int use_user(struct printer_options *o)
{
	const struct cli *cli = o->cli;
	struct conf_credential *c = &o->own;
	*c = (struct conf_credential){.name = "(options)",
		.version = SNMP_V3,
		.user = cli_value(cli, "user"),
		.auth = (uint8_t)cli_word(cli, "auth"), /* the words stand as in enum usm_auth */
		.priv = (uint8_t)cli_word(cli, "priv"),
		.context = cli_value(cli, "context")};
	o->credential = c;
	if (c->user == NULL)
		return cli_usage(cli, "SNMPv3 needs --user");
	if (c->user[0] == '\0' || strlen(c->user) > SNMP3_USER)
		return cli_usage(cli, "a user has 1 to %d bytes", SNMP3_USER);
	if (c->context != NULL && strlen(c->context) > SNMP3_CONTEXT)
		return cli_usage(cli, "a context has at most %d bytes", SNMP3_CONTEXT);
	if (c->priv != USM_PRIV_NONE && c->auth == USM_AUTH_NONE)
		return cli_usage(cli, "--priv needs --auth");
	int code = read_passphrase(
		cli, "auth", "auth-password-file", c->auth != USM_AUTH_NONE, &c->auth_password);
	return code != CLI_OK ? code
			      : read_passphrase(cli, "priv", "priv-password-file",
					c->priv != USM_PRIV_NONE, &c->priv_password);
}

/* ---- which of the two -------------------------------------------------------------------- */

/* The configuration's own credentials were checked against fips: on when it was read. */
static int check_fips(const struct printer_options *o)
{
	struct conf_target way = {.version = o->version, .credential = o->credential};
	if (o->conf == NULL || !o->conf->is_fips || !o->is_chosen)
		return CLI_OK;
	const char *why = conf_fips_refuses(&way);
	return why == NULL ? CLI_OK
			   : cli_fail(o->cli, ERR_CONF, "%s: \"fips: on\" refuses it: %s",
				     o->conf->file, why);
}

static int use_options(struct printer_options *o)
{
	static const uint8_t versions[] = {SNMP_V1, SNMP_V2C, SNMP_V3};
	const struct cli *cli = o->cli;
	int word = cli_word(cli, "version");
	bool is_v3 = cli_has(cli, "v3") || cli_has(cli, "user") || word == 2;
	if (is_v3 && word >= 0 && word != 2)
		return cli_usage(cli, "--user and --v3 are SNMPv3, not --version %s",
			cli_value(cli, "version"));
	const char *wrong = first_given(cli, is_v3 ? of_community : of_v3);
	if (wrong != NULL)
		return cli_usage(cli, "--%s is of no use %s", wrong,
			is_v3 ? "with SNMPv3" : "without SNMPv3: --v3");
	o->version = is_v3 ? SNMP_V3 : word >= 0 ? versions[word] : SNMP_V2C;
	o->is_chosen = is_v3 || word >= 0 || first_given(cli, of_community) != NULL;
	int code = is_v3 ? use_user(o) : use_community(o);
	return code == CLI_OK ? check_fips(o) : code;
}

static int use_named(struct printer_options *o)
{
	const struct cli *cli = o->cli;
	const char *name = cli_value(cli, "credential");
	char hint[LIMIT_WHY];
	const char *wrong = first_given(cli, of_v3);
	if (wrong == NULL)
		wrong = first_given(cli, of_community);
	if (wrong == NULL)
		wrong = cli_has(cli, "version") ? "version" : cli_has(cli, "v3") ? "v3" : NULL;
	if (wrong != NULL)
		return cli_usage(cli, "either --credential or --%s, not both", wrong);
	o->credential = agent_conf_credential(o->conf, name);
	if (o->credential == NULL) {
		conf_credential_hint(hint, sizeof hint, o->conf, name);
		return cli_fail(cli, ERR_CONF,
			"%s: no entry of snmp.credentials is called \"%s\"%s", o->conf->file, name,
			hint);
	}
	o->version = o->credential->version;
	o->community = o->credential->community;
	o->is_chosen = true;
	return CLI_OK;
}

static void set_name(struct printer_options *o)
{
	bool is_v6 = strchr(o->url.host, ':') != NULL;
	if (o->port == 161)
		(void)str_copy(o->name, sizeof o->name, o->url.host);
	else
		(void)snprintf(
			o->name, sizeof o->name, is_v6 ? "[%s]:%u" : "%s:%u", o->url.host, o->port);
}

int printer_options_open(struct printer_options *o, const struct cli *cli)
{
	const char *why;
	*o = (struct printer_options){.cli = cli,
		.port = (uint16_t)cli_number(cli, "port"),
		.timeout_ms = cli_number(cli, "timeout"),
		.tries = (unsigned)cli_number(cli, "tries")};
	if (printer_url_parse(&o->url, cli->args[0], &why) < 0)
		return cli_usage(cli, "%.64s: %s", cli->args[0], why);
	if (!o->url.is_ipp && o->url.port != 0) {
		if (cli_has(cli, "port"))
			return cli_usage(
				cli, "%s has a port already: without --port", cli->args[0]);
		o->port = o->url.port;
	}
	set_name(o);
	bool is_named = cli_has(cli, "credential");
	if (is_named || cli_has(cli, "config")) {
		int code = agent_load_conf(cli, &o->own_conf);
		if (code != CLI_OK)
			return code;
		o->conf = &o->own_conf;
		code = agent_use_fips(cli, o->conf);
		if (code != CLI_OK)
			return code;
	}
	return is_named ? use_named(o) : use_options(o);
}

void printer_options_close(struct printer_options *o)
{
	secret_wipe(&o->community_bytes);
	secret_wipe(&o->own.auth_password);
	secret_wipe(&o->own.priv_password);
	if (o->conf != NULL)
		agent_conf_free(&o->own_conf);
	o->conf = NULL;
}

/* ---- the printer ------------------------------------------------------------------------- */

static int look_up(const struct printer_options *o, struct conf_device *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	char port[8];
	(void)snprintf(port, sizeof port, "%u", o->port);
	int rc = getaddrinfo(o->url.host, port, &hints, &found);
	if (rc != 0) {
		/* A machine with only loopback has no "configured" address family. */
		hints.ai_flags = 0;
		rc = getaddrinfo(o->url.host, port, &hints, &found);
	}
	if (rc != 0) {
		cli_error(o->cli, "%s: %s", o->url.host, gai_strerror(rc));
		return ERR_NAME;
	}
	memset(ret, 0, sizeof *ret);
	memcpy(&ret->address, found->ai_addr,
		found->ai_addrlen < sizeof ret->address ? found->ai_addrlen : sizeof ret->address);
	freeaddrinfo(found);
	return 0;
}

/* The entry of devices.targets for the printer. */
struct entry {
	const struct conf_device *printer;
	bool is_port_given, is_found;
	struct conf_device device;
};

/* Of several the one that counts in the roster; without a port those of all ports. */
static int compare_entry(void *owner, const struct conf_device *device)
{
	struct entry *e = owner;
	struct conf_device at = *device;
	if (!e->is_port_given) /* at the same place in both families */
		at.address.in4.sin_port = e->printer->address.in4.sin_port;
	if (device->name != NULL || !address_is_same(&at.address.sa, &e->printer->address.sa))
		return 0;
	if (!e->is_found || conf_device_replaces(device, e->device.is_range))
		e->device = *device;
	e->is_found = true;
	return 0;
}

/* The port and the exceptions that the configuration gives this address. */
static void use_entry(struct printer_options *o, struct conf_device *ret)
{
	bool has_url_port = !o->url.is_ipp && o->url.port != 0;
	struct entry e = {.printer = ret, .is_port_given = has_url_port || cli_has(o->cli, "port")};
	struct conf_error why;
	if (conf_each_device(o->conf, compare_entry, &e, &why) < 0)
		cli_error(o->cli, "%s", why.text);
	if (!e.is_found)
		return;
	ret->answers_from = e.device.answers_from;
	ret->has_short_ids = e.device.has_short_ids;
	ret->address.in4.sin_port = e.device.address.in4.sin_port;
	o->port = ntohs(e.device.address.in4.sin_port);
	set_name(o);
}

int printer_find(struct printer_options *o, struct conf_device *ret)
{
	int err = look_up(o, ret);
	if (err < 0)
		return err;
	if (o->conf != NULL && !agent_conf_is_allowed(o->conf, &ret->address.sa)) {
		cli_error(o->cli, "%s: access.allow and access.deny of %s forbid requests to it",
			o->url.host, o->conf->file);
		return ERR_FORBIDDEN;
	}
	if (o->conf != NULL)
		use_entry(o, ret);
	ret->version = o->version;
	ret->community = o->community;
	ret->community_len = o->community != NULL ? (uint8_t)strlen(o->community) : 0;
	ret->credential = o->credential;
	return 0;
}

int printer_client_open(struct snmp_client **ret, struct loop *l, const struct printer_options *o)
{
	struct snmp_client_options options = {.window = 1,
		.deadline_ms = o->timeout_ms,
		.tries = o->tries,
		.nets_have = conf_nets_has};
	return snmp_client_open(ret, l, &options);
}

int printer_session_open(
	struct printer_session *s, struct snmp_peer *peer, const struct conf_credential *credential)
{
	if (credential == NULL)
		return 0;
	peer->version = credential->version;
	peer->community = credential->community;
	peer->community_len = credential->community_len;
	if (credential->version != SNMP_V3)
		return 0;
	struct usm_secret secret = agent_secret_of(credential);
	int err = usm_user_init(&s->user, &secret);
	if (err == 0)
		err = usm_user_prepare_now(&s->user, &secret);
	if (err < 0) {
		(void)fprintf(stderr, "platen: user %s: no keys can be derived: %s\n",
			credential->user, err_text(err));
		return err;
	}
	const char *context = credential->context;
	usm_peer_init(&s->usm, &s->user, context, context != NULL ? strlen(context) : 0);
	peer->usm = &s->usm;
	s->is_open = true;
	return 0;
}

void printer_session_close(struct printer_session *s)
{
	if (!s->is_open)
		return;
	usm_peer_close(&s->usm);
	usm_user_close(&s->user);
	s->is_open = false;
}
