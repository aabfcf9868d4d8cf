/* SPDX-License-Identifier: Apache-2.0
 * Credentials and the targets that name them: checks across keys, and the secrets. */
#include "engine/conf/load.h"

#include "proto/base/str.h"
#include "proto/base/writer.h"
#include "proto/base/closest.h"
#include "proto/base/limits.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

#include <stdio.h>
#include <string.h>

static bool is_given(const struct conf_table *items, const struct conf_item *item, const char *name)
{
	return (item->given >> conf_table_find(items, name) & 1) != 0;
}

static const char *version_word(uint8_t version)
{
	return version == SNMP_V1 ? "1" : version == SNMP_V2C ? "2c" : "3";
}

bool conf_read_secret(struct conf_load *l, const struct agent_conf *c, struct secret *s,
	const char *key, const char *source, struct conf_mark at)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	const char *variable = secret_env_of(source);
	if (variable != NULL && !c->allows_env)
		conf_say(l, at,
			"\"%s\" needs \"secrets.allow_env: on\": other processes of this user can "
			"read the environment",
			key);
	else if ((variable != NULL ? secret_read_env(s, variable, why, sizeof why)
				   : secret_read(s, source, why, sizeof why)) < 0)
		conf_say(l, at, "\"%s\": %s", key, why);
	else
		return true;
	return false;
}

/* "community_file" or "community_env", as it was given. */
static const char *key_of(const char *source, const char *file_key, const char *env_key)
{
	return secret_env_of(source) != NULL ? env_key : file_key;
}

static const char *read_community(
	struct conf_load *l, const struct agent_conf *c, const char *source, struct conf_mark at)
{
	struct secret secret = {.len = 0};
	const char *key = key_of(source, "community_file", "community_env");
	const char *community = NULL;
	if (!conf_read_secret(l, c, &secret, key, source, at))
		return NULL;
	if (secret.len > LIMIT_COMMUNITY)
		conf_say(
			l, at, "\"%s\": %s holds more than %d bytes", key, source, LIMIT_COMMUNITY);
	else
		community = conf_intern(l->memory, secret.bytes, secret.len);
	if (community == NULL && secret.len <= LIMIT_COMMUNITY)
		conf_say(l, at, "the configuration takes too much memory");
	secret_wipe(&secret);
	return community;
}

/* ---- credentials ---- */

/* One half of a user: a protocol and its passphrase belong together. `word` is "auth" or "priv". */
static void check_half(struct conf_load *l, const struct agent_conf *a, struct conf_credential *c,
	bool has_protocol, const char *word, const char *source, struct secret *secret)
{
	struct conf_mark at = conf_mark_of(&c->item);
	char key[32];
	(void)snprintf(key, sizeof key, "%s_password_%s", word,
		source != NULL && secret_env_of(source) != NULL ? "env" : "file");
	if (has_protocol && source == NULL)
		conf_say(l, at, "credential \"%s\": \"%s\" needs \"%s\"", c->name, word, key);
	else if (!has_protocol && source != NULL)
		conf_say(l, at, "credential \"%s\": \"%s\" is of no use without \"%s\"", c->name,
			key, word);
	else if (source != NULL && conf_read_secret(l, a, secret, key, source, at) &&
		 secret->len < LIMIT_PASSPHRASE_MIN)
		conf_say(l, at, "\"%s\": %s holds less than %d bytes; RFC 3414 asks for that many",
			key, source, LIMIT_PASSPHRASE_MIN);
}

static void check_user(struct conf_load *l, const struct agent_conf *a, struct conf_credential *c)
{
	struct conf_mark at = conf_mark_of(&c->item);
	static const char *const others[] = {"community", "community_file", "community_env"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (is_given(&conf_credential_table, &c->item, others[i]))
			conf_say(l, at,
				"credential \"%s\": \"%s\" is of no use with version 3, which has "
				"\"user\"",
				c->name, others[i]);
	}
	if (c->user == NULL)
		conf_say(l, at, "credential \"%s\": version 3 needs \"user\"", c->name);
	if (c->priv != USM_PRIV_NONE && c->auth == USM_AUTH_NONE)
		conf_say(l, at,
			"credential \"%s\": \"priv\" needs \"auth\": SNMPv3 encrypts nothing that "
			"it does not authenticate",
			c->name);
	check_half(l, a, c, c->auth != USM_AUTH_NONE, "auth", c->auth_password_file,
		&c->auth_password);
	check_half(l, a, c, c->priv != USM_PRIV_NONE, "priv", c->priv_password_file,
		&c->priv_password);
}

static void check_community(
	struct conf_load *l, const struct agent_conf *a, struct conf_credential *c)
{
	struct conf_mark at = conf_mark_of(&c->item);
	static const char *const others[] = {"user", "auth", "auth_password_file",
		"auth_password_env", "priv", "priv_password_file", "priv_password_env", "context"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (!is_given(&conf_credential_table, &c->item, others[i]))
			continue;
		conf_say(l, at,
			"credential \"%s\": \"%s\" is of no use with version %s; write "
			"\"version: 3\"",
			c->name, others[i], version_word(c->version));
		return;
	}
	if (c->community != NULL && c->community_file != NULL)
		conf_say(l, at,
			"credential \"%s\" has either \"community\" or \"community_file\", not "
			"both",
			c->name);
	else if (c->community == NULL && c->community_file == NULL)
		conf_say(l, at,
			"credential \"%s\": version %s needs \"community\" or \"community_file\"",
			c->name, version_word(c->version));
	else if (c->community_file != NULL)
		c->community = read_community(l, a, c->community_file, at);
	if (c->community != NULL)
		c->community_len = (uint8_t)strlen(c->community);
}

static const char *fips_refuses(uint8_t version, uint8_t auth, uint8_t priv)
{
	if (version != SNMP_V3)
		return "SNMPv1 and SNMPv2c have no authentication; use a credential with version "
		       "3, "
		       "auth sha256 and priv aes128";
	if (auth == USM_AUTH_NONE)
		return "it does not authenticate; give it auth sha256 and priv aes128";
	if (!usm_auth_is_approved(auth))
		return "auth md5 is not approved; use sha256";
	if (priv != USM_PRIV_NONE && !usm_priv_is_approved(priv))
		return "priv des is not approved; use aes128";
	return NULL;
}

static void check_credential(
	struct conf_load *l, const struct agent_conf *c, struct conf_credential *credential)
{
	const struct conf_credential *other = agent_conf_credential(c, credential->name);
	if (other != credential)
		conf_say(l, conf_mark_of(&credential->item),
			"credential \"%s\" is there twice, first on line %u", credential->name,
			other->item.line);
	if (credential->version == SNMP_V3)
		check_user(l, c, credential);
	else
		check_community(l, c, credential);
	const char *why =
		!c->is_fips ? NULL
			    : fips_refuses(credential->version, credential->auth, credential->priv);
	if (why != NULL)
		conf_say(l, conf_mark_of(&credential->item),
			"\"fips: on\" refuses credential \"%s\": %s", credential->name, why);
}

void conf_check_credentials(struct conf_load *l, struct agent_conf *c)
{
	for (struct conf_credential *i = c->credentials; i != NULL;
		i = (struct conf_credential *)i->item.next) {
		i->number = (unsigned)c->credential_count++;
		if (i->name != NULL) /* its absence was said already */
			check_credential(l, c, i);
	}
}

const struct conf_credential *agent_conf_credential(const struct agent_conf *c, const char *name)
{
	const struct conf_credential *i = c->credentials;
	while (i != NULL && (i->name == NULL || strcmp(i->name, name) != 0))
		i = (const struct conf_credential *)i->item.next;
	return i;
}

bool conf_credential_fits(const struct conf_credential *credential, const struct sockaddr *sa)
{
	return credential->subnets == NULL || conf_nets_has(credential->subnets, sa);
}

bool agent_conf_is_allowed(const struct agent_conf *c, const struct sockaddr *sa)
{
	if (conf_nets_has(c->access_deny, sa))
		return false;
	return c->access_allow == NULL || conf_nets_has(c->access_allow, sa);
}

bool conf_accepts(const struct conf_accept *accept, const struct sockaddr *sa, unsigned kind)
{
	return (accept->kinds >> kind & 1) != 0 || conf_nets_has(accept->nets, sa);
}

void conf_credential_hint(char *dst, size_t cap, const struct agent_conf *c, const char *name)
{
	const char *names[LIMIT_CONF_CREDENTIALS] = {NULL};
	size_t count = 0;
	for (const struct conf_credential *i = c->credentials;
		i != NULL && count < LIMIT_CONF_CREDENTIALS;
		i = (const struct conf_credential *)i->item.next) {
		if (i->name != NULL)
			names[count++] = i->name;
	}
	const char *near = closest_word(name, strlen(name), names, count);
	dst[0] = '\0';
	if (near != NULL)
		(void)snprintf(dst, cap, "; did you mean \"%s\"?", near);
	else if (count == 0)
		(void)snprintf(dst, cap, "; there is none");
}

/* ---- targets ---- */

void conf_target_use(struct conf_target *t)
{
	t->version = t->credential->version;
	t->community = t->credential->community;
	t->community_len = t->credential->community_len;
}

const char *conf_fips_refuses(const struct conf_target *t)
{
	const struct conf_credential *c = t->credential;
	return c != NULL ? fips_refuses(c->version, c->auth, c->priv)
			 : fips_refuses(t->version, USM_AUTH_NONE, USM_PRIV_NONE);
}

static void check_named(struct conf_load *l, const struct agent_conf *c, struct conf_target *t)
{
	struct conf_mark at = conf_mark_of(&t->item);
	char hint[LIMIT_WHY], shown[LIMIT_TEXT_SHORT * 2];
	static const char *const others[] = {"community", "community_file", "community_env"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (is_given(&conf_target_table, &t->item, others[i]))
			conf_say(l, at, "an entry has either \"credential\" or \"%s\", not both",
				others[i]);
	}
	t->credential = agent_conf_credential(c, t->credential_name);
	if (t->credential == NULL) {
		conf_credential_hint(hint, sizeof hint, c, t->credential_name);
		conf_say(l, at, "\"credential\" names no entry of \"snmp.credentials\": %s%s",
			str_quote(shown, sizeof shown, t->credential_name,
				strlen(t->credential_name)),
			hint);
		return;
	}
	if (is_given(&conf_target_table, &t->item, "version") &&
		t->version != t->credential->version)
		conf_say(l, at,
			"\"version\" is %s here and %s in credential \"%s\"; leave it out here",
			version_word(t->version), version_word(t->credential->version),
			t->credential->name);
	conf_target_use(t);
}

static void check_own(struct conf_load *l, const struct agent_conf *c, struct conf_target *t)
{
	struct conf_mark at = conf_mark_of(&t->item);
	if (t->version == SNMP_V3) {
		conf_say(l, at,
			"\"version: 3\" needs \"credential\", the name of an entry of "
			"\"snmp.credentials\"");
		return;
	}
	if (is_given(&conf_target_table, &t->item, "community") && t->community_file != NULL)
		conf_say(
			l, at, "an entry has either \"community\" or \"community_file\", not both");
	else if (t->community_file != NULL)
		t->community = read_community(l, c, t->community_file, at);
	if (t->community != NULL)
		t->community_len = (uint8_t)strlen(t->community);
}

void conf_check_target(struct conf_load *l, const struct agent_conf *c, struct conf_target *t)
{
	struct conf_mark at = conf_mark_of(&t->item);
	if (t->range != NULL && t->csv != NULL)
		conf_say(l, at, "an entry has either \"range\" or \"csv\", not both");
	else if (t->range == NULL && t->csv == NULL)
		conf_say(l, at, "an entry needs \"range\" or \"csv\"");
	unsigned before = l->error->count;
	if (t->credential_name != NULL)
		check_named(l, c, t);
	else
		check_own(l, c, t);
	/* The rows of a CSV file are checked when they are read. */
	if (!c->is_fips || t->range == NULL || l->error->count > before)
		return;
	const char *why = conf_fips_refuses(t);
	if (why != NULL)
		conf_say(l, at, "\"fips: on\" refuses target \"%s\": %s", t->range, why);
}

static bool is_short(const struct secret *s)
{
	return s->len > 0 && s->len < LIMIT_PASSPHRASE_GOOD;
}

bool conf_credential_is_weak(const struct conf_credential *c)
{
	return c->version == SNMP_V3 &&
	       (is_short(&c->auth_password) || is_short(&c->priv_password));
}
