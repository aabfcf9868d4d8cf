/* SPDX-License-Identifier: Apache-2.0
 * Users, whose passphrases become keys off the loop, and peers, which remember an engine. */
#include "engine/snmp/usm_internal.h"

#include "engine/loop/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <string.h>

/* ---- users ------------------------------------------------------------------------------ */

static bool is_password(const char *p, size_t len)
{
	return p != NULL && len >= USM_PASSWORD_MIN && len <= LIMIT_PASSWORD;
}

static int check(const struct usm_secret *s)
{
	bool has_auth = s->auth != USM_AUTH_NONE, has_priv = s->priv != USM_PRIV_NONE;
	if (s->name == NULL || s->name_len == 0 || s->name_len > SNMP3_USER ||
		s->auth >= USM_AUTH_COUNT || s->priv >= USM_PRIV_COUNT || (has_priv && !has_auth) ||
		(has_auth && !is_password(s->auth_password, s->auth_password_len)) ||
		(has_priv && !is_password(s->priv_password, s->priv_password_len)))
		return ERR_LIMIT;
	/* Fetched here, on the loop's thread, and only used by the others. */
	bool is_there = (!has_auth || usm_suite_digest(s->auth) != NULL) &&
			(!has_priv || usm_suite_cipher(s->priv) != NULL);
	if (!is_there)
		ERR_clear_error();
	return is_there ? 0 : ERR_CRYPTO;
}

static void keep(struct usm_making *m, const struct usm_secret *s)
{
	m->auth = s->auth;
	m->priv = s->priv;
	m->auth_password_len = m->priv_password_len = 0;
	if (s->auth != USM_AUTH_NONE) {
		m->auth_password_len = (uint8_t)s->auth_password_len;
		memcpy(m->auth_password, s->auth_password, s->auth_password_len);
	}
	if (s->priv != USM_PRIV_NONE) {
		m->priv_password_len = (uint8_t)s->priv_password_len;
		memcpy(m->priv_password, s->priv_password, s->priv_password_len);
	}
}

static int make_key(uint8_t *dst, uint8_t auth, const char *password, size_t len)
{
	return usm_password_to_key(
		dst, usm_suite_digest((enum usm_auth)auth), (const uint8_t *)password, len);
}

/* Most people give one passphrase for both. */
static bool is_one_password(const struct usm_making *m)
{
	return m->auth_password_len == m->priv_password_len &&
	       memcmp(m->auth_password, m->priv_password, m->auth_password_len) == 0;
}

static int on_work(struct worker_job *job)
{
	struct usm_making *m = container_of(job, struct usm_making, job);
	int err = 0;
	if (m->auth != USM_AUTH_NONE)
		err = make_key(m->auth_key, m->auth, m->auth_password, m->auth_password_len);
	if (err < 0 || m->priv == USM_PRIV_NONE)
		return err;
	if (is_one_password(m))
		memcpy(m->priv_key, m->auth_key, sizeof m->priv_key);
	else
		err = make_key(m->priv_key, m->auth, m->priv_password, m->priv_password_len);
	return err;
}

static void take_keys(struct usm_user *u, struct usm_making *m)
{
	u->auth = m->auth;
	u->priv = m->priv;
	memcpy(u->auth_key, m->auth_key, sizeof u->auth_key);
	memcpy(u->priv_key, m->priv_key, sizeof u->priv_key);
	u->generation++;
	u->is_ready = true;
}

static void on_work_done(struct worker_job *job, int result)
{
	struct usm_making *m = container_of(job, struct usm_making, job);
	struct usm_user *u = container_of(m, struct usm_user, making);
	u->is_making = false;
	if (u->is_waiting) {
		u->is_waiting = false;
		u->making = u->waiting;
		crypto_wipe(&u->waiting, sizeof u->waiting);
		u->is_making = true;
		worker_start(u->workers, WORKER_HASH, &u->making.job, on_work, on_work_done);
		return;
	}
	if (result == 0)
		take_keys(u, m);
	crypto_wipe(m, sizeof *m);
	if (u->on_ready != NULL)
		u->on_ready(u->owner, u, result);
}

int usm_user_init(struct usm_user *u, const struct usm_secret *secret)
{
	int err = check(secret);
	memset(u, 0, sizeof *u);
	if (err < 0)
		return err;
	memcpy(u->name, secret->name, secret->name_len);
	u->name_len = (uint8_t)secret->name_len;
	u->auth = secret->auth;
	u->priv = secret->priv;
	return crypto_random(&u->salt, sizeof u->salt);
}

int usm_user_prepare(struct usm_user *u, struct workers *workers, const struct usm_secret *secret,
	void (*on_ready)(void *owner, struct usm_user *user, int err), void *owner)
{
	int err = check(secret);
	if (err < 0)
		return err;
	u->workers = workers;
	u->on_ready = on_ready;
	u->owner = owner;
	if (u->is_making) {
		keep(&u->waiting, secret);
		u->is_waiting = true;
		return 0;
	}
	keep(&u->making, secret);
	u->is_making = true;
	worker_start(workers, WORKER_HASH, &u->making.job, on_work, on_work_done);
	return 0;
}

int usm_user_prepare_now(struct usm_user *u, const struct usm_secret *secret)
{
	int err = check(secret);
	if (err < 0)
		return err;
	keep(&u->making, secret);
	err = on_work(&u->making.job);
	if (err == 0)
		take_keys(u, &u->making);
	crypto_wipe(&u->making, sizeof u->making);
	return err;
}

void usm_user_close(struct usm_user *u)
{
	crypto_wipe(u, sizeof *u);
}

/* ---- peers ------------------------------------------------------------------------------ */

void usm_peer_init(
	struct usm_peer *p, struct usm_user *user, const char *context, size_t context_len)
{
	*p = (struct usm_peer){
		.user = user, .context = context, .context_len = (uint8_t)context_len};
}

void usm_engine_probed(struct usm_peer *p, const struct usm_message *head, uint64_t now_ms)
{
	bool is_it = usm_engine_is(&p->engine, head->engine_id, head->engine_id_len);
	if (is_it || (p->engine.id_len > 0 && !p->must_probe)) {
		p->must_probe = false; /* or another request was quicker */
		return;
	}
	if (!p->is_tried)
		p->former = p->engine;
	p->must_probe = false;
	p->is_tried = true; /* the response to a probe is not authentic: it pins nothing */
	p->engine = (struct usm_engine){.id_len = head->engine_id_len};
	memcpy(p->engine.id, head->engine_id, head->engine_id_len);
	usm_clock_set(p, head->boots, head->time, false, now_ms);
}

bool usm_engine_confirm(struct usm_peer *p)
{
	if (!p->is_tried)
		return false;
	bool is_change = p->former.id_len > 0;
	p->former = (struct usm_engine){0};
	p->is_tried = false;
	p->is_dirty = true;
	p->is_engine_changed = p->is_engine_changed || is_change;
	return is_change;
}

void usm_engine_restore(struct usm_peer *p)
{
	if (!p->is_tried)
		return;
	p->engine = p->former;
	p->former = (struct usm_engine){0};
	p->is_tried = false;
}

void usm_peer_close(struct usm_peer *p)
{
	usm_keys_free(p);
	crypto_wipe(p, sizeof *p);
}
