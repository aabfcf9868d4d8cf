/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/account.h"

#include "engine/hub/credential.h"
#include "engine/loop/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The table of failures: sets of WAYS places, chosen by a keyed digest of the name, so that
 * an attacker cannot choose the set of another user. */
enum { WAYS = 8, SETS = LIMIT_LOGIN_USERS / WAYS };

struct failures {
	uint64_t name;  /* digest; 0: the place is free */
	uint64_t at_ms; /* when `count` was right */
	uint32_t count; /* one less every LIMIT_LOGIN_REST_MS */
};

struct accounts {
	struct loop *loop;
	struct workers *workers;
	struct archive_view *view;
	size_t hashing; /* passwords waiting for WORKER_READ or WORKER_HASH, or there */
	uint8_t key[16];
	struct failures table[SETS][WAYS];
	struct account_counts counts;
};

int accounts_open(
	struct accounts **ret, struct loop *l, struct workers *workers, struct archive_view *view)
{
	struct accounts *a = calloc(1, sizeof *a);
	if (a == NULL)
		return -ENOMEM;
	int err = crypto_random(a->key, sizeof a->key);
	if (err < 0) {
		free(a);
		return err;
	}
	a->loop = l;
	a->workers = workers;
	a->view = view;
	*ret = a;
	return 0;
}

void accounts_close(struct accounts *a)
{
	free(a);
}

const struct account_counts *accounts_counts(const struct accounts *a)
{
	return &a->counts;
}

/* ---- failures ---------------------------------------------------------------------------- */

static uint64_t digest_name(const struct accounts *a, const char *user)
{
	uint8_t both[sizeof a->key + LIMIT_USER];
	uint8_t digest[CRYPTO_SHA256];
	size_t len = strlen(user);
	memcpy(both, a->key, sizeof a->key);
	memcpy(both + sizeof a->key, user, len);
	uint64_t name = 1;
	if (crypto_sha256(both, sizeof a->key + len, digest) < 0)
		return name; /* then all share one place: too strict, never too lax */
	memcpy(&name, digest, sizeof name);
	return name == 0 ? 1 : name;
}

/* Brings the count up to date: failures are forgiven one by one. */
static void forgive(struct failures *f, uint64_t now_ms)
{
	uint64_t rests = (now_ms - f->at_ms) / LIMIT_LOGIN_REST_MS;
	f->at_ms += rests * LIMIT_LOGIN_REST_MS;
	f->count = rests >= f->count ? 0 : f->count - (uint32_t)rests;
	if (f->count == 0)
		f->name = 0;
}

/* The user's place, or NULL if it has not failed. */
static struct failures *find(struct accounts *a, uint64_t name)
{
	struct failures *set = a->table[name % SETS];
	for (int i = 0; i < WAYS; i++) {
		if (set[i].name == name) {
			forgive(&set[i], loop_now_ms(a->loop));
			return set[i].name == 0 ? NULL : &set[i];
		}
	}
	return NULL;
}

static void note_failure(struct accounts *a, uint64_t name)
{
	a->counts.failed++;
	struct failures *f = find(a, name);
	if (f == NULL) {
		struct failures *set = a->table[name % SETS];
		f = &set[0];
		for (int i = 0; i < WAYS; i++) {
			if (set[i].name != 0)
				forgive(&set[i], loop_now_ms(a->loop));
			if (set[i].count < f->count)
				f = &set[i];
		}
		*f = (struct failures){.name = name, .at_ms = loop_now_ms(a->loop)};
	}
	/* No higher: one delay, whatever the number of failures during it. */
	if (f->count < LIMIT_LOGIN_FAILS)
		f->count++;
}

/* Seconds until this user may try again; 0: now. */
static unsigned delay_of(struct accounts *a, uint64_t name)
{
	const struct failures *f = find(a, name);
	if (f == NULL || f->count < LIMIT_LOGIN_FAILS)
		return 0;
	uint64_t left = f->at_ms + LIMIT_LOGIN_REST_MS - loop_now_ms(a->loop);
	return (unsigned)(left / 1000) + 1;
}

/* ---- one check --------------------------------------------------------------------------- */

static void finish(struct account_check *c, int result)
{
	struct accounts *a = c->accounts;
	crypto_wipe(c->password, sizeof c->password);
	if (!c->is_machine)
		a->hashing--;
	uint64_t name = digest_name(a, c->user);
	int err = result < 0 ? result : result == 1 ? 0 : ERR_AUTH;
	if (err == 0)
		c->role = (enum archive_role)c->row.role;
	if (err == ERR_AUTH) {
		c->retry_after_s = delay_of(a, name);
		note_failure(a, name);
		if (c->retry_after_s != 0)
			err = ERR_UNAVAILABLE;
	}
	crypto_wipe(&c->row, sizeof c->row);
	c->on_checked(c, err);
}

static int work_hash(struct worker_job *job)
{
	struct account_check *c = container_of(job, struct account_check, job);
	return credential_matches(c->is_known ? &c->row : NULL, c->password);
}

static void on_hashed(struct worker_job *job, int result)
{
	finish(container_of(job, struct account_check, job), result);
}

static int work_look_up(struct worker_job *job)
{
	struct account_check *c = container_of(job, struct account_check, job);
	int found = archive_view_account(c->accounts->view, c->user, &c->row);
	if (found < 0)
		return found;
	c->is_known = found == 1;
	return c->is_machine ? credential_matches(c->is_known ? &c->row : NULL, c->password) : 0;
}

static void on_looked_up(struct worker_job *job, int result)
{
	struct account_check *c = container_of(job, struct account_check, job);
	if (result < 0 || c->is_machine) {
		finish(c, result);
		return;
	}
	worker_start(c->accounts->workers, WORKER_HASH, &c->job, work_hash, on_hashed);
}

int account_check(struct accounts *a, struct account_check *c)
{
	c->accounts = a;
	c->is_machine = credential_is_machine(c->password);
	c->is_known = false;
	c->retry_after_s = 0;
	if (!c->is_machine) {
		c->retry_after_s = delay_of(a, digest_name(a, c->user));
		a->counts.rested += c->retry_after_s != 0;
		if (c->retry_after_s == 0 && a->hashing >= LIMIT_HASHES_WAITING) {
			a->counts.crowded++;
			c->retry_after_s = 1 + LIMIT_HASHES_WAITING / 8;
		}
		if (c->retry_after_s != 0) {
			crypto_wipe(c->password, sizeof c->password);
			return ERR_UNAVAILABLE;
		}
		a->hashing++;
	}
	worker_start(a->workers, WORKER_READ, &c->job, work_look_up, on_looked_up);
	return 0;
}
