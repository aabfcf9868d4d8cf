/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/keys.h"

#include "proto/base/log.h"
#include "proto/smi/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct agent_key {
	struct agent_key *next;
	struct agent_keys *keys;
	char name[LIMIT_CREDENTIAL_NAME]; /* of the credential */
	struct usm_user user;
};

void agent_keys_open(
	struct agent_keys *k, struct workers *workers, void (*on_ready)(void *owner), void *owner)
{
	*k = (struct agent_keys){.workers = workers, .on_ready = on_ready, .owner = owner};
}

struct usm_secret agent_secret_of(const struct conf_credential *c)
{
	return (struct usm_secret){.name = c->user,
		.name_len = strlen(c->user),
		.auth = c->auth,
		.priv = c->priv,
		.auth_password = c->auth_password.len > 0 ? c->auth_password.bytes : NULL,
		.auth_password_len = c->auth_password.len,
		.priv_password = c->priv_password.len > 0 ? c->priv_password.bytes : NULL,
		.priv_password_len = c->priv_password.len};
}

static void log_no_keys(const char *name, int err)
{
	log_line(LOG_ERROR, "keys",
		"credential=%s err=%s what=\"cannot derive its keys: its printers are not read\"",
		name, err_text(err));
}

static void log_weak(const char *name)
{
	log_line(LOG_WARN, "keys",
		"credential=%s what=\"a passphrase of less than %d bytes: an attacker with one "
		"recorded message "
		"can guess it\"",
		name, LIMIT_PASSPHRASE_GOOD);
}

static void on_made(void *owner, struct usm_user *user, int err)
{
	struct agent_key *key = owner;
	struct agent_keys *k = key->keys;
	(void)user;
	if (err < 0)
		log_no_keys(key->name, err);
	if (--k->pending == 0)
		k->on_ready(k->owner);
}

/* Another user name is another user: what is under way keeps the old one. */
static struct agent_key *find(const struct agent_keys *k, const struct conf_credential *c)
{
	size_t len = strlen(c->user);
	struct agent_key *key = k->first;
	while (key != NULL && (strcmp(key->name, c->name) != 0 || key->user.name_len != len ||
				      memcmp(key->user.name, c->user, len) != 0))
		key = key->next;
	return key;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool is_changed(const struct conf_credential *c, const struct conf_credential *before)
{
	return before == NULL || before->version != c->version || c->auth != before->auth ||
	       c->priv != before->priv || !same_secret(&c->auth_password, &before->auth_password) ||
	       !same_secret(&c->priv_password, &before->priv_password);
}

static int add(struct agent_keys *k, const struct conf_credential *c, struct agent_key **ret)
{
	struct usm_secret secret = agent_secret_of(c);
	struct agent_key *key = calloc(1, sizeof *key);
	if (key == NULL)
		return -ENOMEM;
	key->keys = k;
	memcpy(key->name, c->name, strlen(c->name) + 1);
	int err = usm_user_init(&key->user, &secret);
	if (err < 0)
		log_no_keys(c->name, err); /* it stays, and is never ready */
	key->next = k->first;
	k->first = key;
	*ret = key;
	return 0;
}

static int add_or_change(
	struct agent_keys *k, const struct conf_credential *c, const struct conf_credential *before)
{
	struct agent_key *key = find(k, c);
	bool is_new = key == NULL;
	int err = is_new ? add(k, c, &key) : 0;
	if (err < 0)
		return err;
	k->users[c->number] = &key->user;
	if (!is_new && !is_changed(c, before))
		return 0;
	if (conf_credential_is_weak(c))
		log_weak(c->name);
	struct usm_secret secret = agent_secret_of(c);
	err = usm_user_prepare(&key->user, k->workers, &secret, on_made, key);
	if (err == 0)
		k->pending++;
	else if (!is_new)
		log_no_keys(c->name, err);
	return 0;
}

int agent_keys_take(
	struct agent_keys *k, const struct agent_conf *conf, const struct agent_conf *before)
{
	memset(k->users, 0, sizeof k->users);
	for (const struct conf_credential *c = conf->credentials; c != NULL;
		c = (const struct conf_credential *)c->item.next) {
		const struct conf_credential *old =
			before == NULL ? NULL : agent_conf_credential(before, c->name);
		int err = c->version == SNMP_V3 ? add_or_change(k, c, old) : 0;
		if (err < 0)
			return err;
	}
	return (int)k->pending;
}

static bool is_used(const struct agent_keys *k, const struct agent_key *key)
{
	for (size_t i = 0; i < LIMIT_CONF_CREDENTIALS; i++) {
		if (k->users[i] == &key->user)
			return true;
	}
	return false;
}

void agent_keys_prune(struct agent_keys *k)
{
	for (struct agent_key **at = &k->first; *at != NULL;) {
		struct agent_key *key = *at;
		if (is_used(k, key)) {
			at = &key->next;
			continue;
		}
		*at = key->next;
		usm_user_close(&key->user);
		free(key);
	}
}

void agent_keys_close(struct agent_keys *k)
{
	memset(k->users, 0, sizeof k->users);
	agent_keys_prune(k);
}
