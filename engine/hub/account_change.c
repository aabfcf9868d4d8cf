/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/account_change.h"

#include "proto/base/log.h"
#include "engine/hub/hub.h"
#include "engine/hub/credential.h"
#include "engine/hub/merge.h"
#include "engine/hub/owner.h"
#include "engine/loop/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct account_change {
	struct workers *workers;
	struct archive *archive;
	struct audit_queue *audit;
	struct ctl_session *session; /* NULL: nothing is under way */
	char who[LIMIT_AUDIT_WHO];
	struct archive_account account;
	struct worker_job job;
};

/* ---- in the daemon ----------------------------------------------------------------------- */

int account_change_open(struct account_change **ret, struct workers *workers,
	struct archive *archive, struct audit_queue *audit)
{
	struct account_change *c = calloc(1, sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->workers = workers;
	c->archive = archive;
	c->audit = audit;
	*ret = c;
	return 0;
}

void account_change_close(struct account_change *c)
{
	free(c);
}

/* The ledger of the running daemon, or that of a verb. */
struct ledger {
	struct audit_queue *queue;
	struct audit *own;
	const char *who;
};

static int write_entry(const struct ledger *l, const struct archive_account *account, int err)
{
	struct audit_entry e;
	audit_entry_set(&e, account->created_at_ms, AUDIT_ACCOUNT, l->who, err,
		"what=user-add name=%s role=%s", account->name,
		credential_role_name((enum archive_role)account->role));
	return l->queue != NULL ? audit_queue_write(l->queue, &e, 1) : audit_append(l->own, &e, 1);
}

/* 0 if the account is new, 1 if it replaced one. The entry comes before the commit, so that no
 * account is changed without one. */
static int put(struct archive *a, const struct ledger *l, const struct archive_account *account)
{
	int err = archive_begin(a);
	if (err < 0)
		return err;
	int found = archive_has_account(a, account->name);
	err = found < 0 ? found : archive_put_account(a, account);
	int audited = err == 0 ? write_entry(l, account, 0) : 0;
	if (err == 0)
		err = audited < 0 ? audited : archive_commit(a);
	if (err == 0)
		return found;
	archive_rollback(a);
	/* Its own error is the caller's; an audit that cannot be written either has said so. */
	if (audited == 0)
		(void)!write_entry(l, account, err);
	return err;
}

static const char *word_of(int found)
{
	return found == 1 ? ACCOUNT_REPLACED : "added";
}

static int work(struct worker_job *job)
{
	struct account_change *c = container_of(job, struct account_change, job);
	const struct ledger l = {.queue = c->audit, .who = c->who};
	return put(c->archive, &l, &c->account);
}

static void on_done(struct worker_job *job, int result)
{
	struct account_change *c = container_of(job, struct account_change, job);
	struct ctl_session *s = c->session;
	c->session = NULL;
	log_line(result < 0 ? LOG_ERROR : LOG_INFO, "hub", "do=user-add user=%s role=%s err=%s",
		c->account.name, credential_role_name((enum archive_role)c->account.role),
		result < 0 ? err_text(result) : "none");
	crypto_wipe(&c->account, sizeof c->account);
	ctl_respond(s, result >= 0, result >= 0 ? word_of(result) : err_text(result));
}

static bool parse_hex(const struct ctl_line *line, const char *name, uint8_t *dst, size_t n)
{
	const char *hex = ctl_line_get(line, name);
	return strlen(hex) == 2 * n && str_unhex(dst, n, hex, 2 * n) == (int)n;
}

static int read_account(
	struct archive_account *a, const struct ctl_line *line, char *why, size_t why_cap)
{
	memset(a, 0, sizeof *a);
	const char *name = ctl_line_get(line, "name");
	int err = credential_check_name(name, why, why_cap);
	if (err < 0)
		return err;
	(void)str_copy(a->name, sizeof a->name, name);
	int role = credential_role_from(ctl_line_get(line, "role"));
	bool is_machine = strcmp(ctl_line_get(line, "scheme"), "sha256") == 0;
	a->role = role < 0 ? 0 : (uint8_t)role;
	a->scheme = is_machine ? SCHEME_SHA256 : SCHEME_SCRYPT;
	if (role > 0 && is_machine == (role == ROLE_AGENT) &&
		parse_hex(line, "salt", a->salt, sizeof a->salt) &&
		parse_hex(line, "hash", a->hash, sizeof a->hash) &&
		str_to_u64(ctl_line_get(line, "created_at_ms"), 0, INT64_MAX, &a->created_at_ms) ==
			0)
		return 0;
	(void)str_copy(why, why_cap, "user-add: a field is missing or wrong");
	return ERR_FORMAT;
}

void account_change_start(
	struct account_change *c, struct ctl_session *s, const struct ctl_line *line)
{
	char why[LIMIT_WHY];
	if (strcmp(ctl_line_get(line, "do"), "user-add") != 0) {
		ctl_respond(s, false, "this hub does not know how to do that");
		return;
	}
	if (c->session != NULL) {
		ctl_respond(s, false, "another change is under way, try again");
		return;
	}
	if (read_account(&c->account, line, why, sizeof why) < 0) {
		ctl_respond(s, false, why);
		return;
	}
	(void)ctl_user(s, c->who);
	c->session = s;
	worker_start(c->workers, WORKER_DISK, &c->job, work, on_done);
}

/* ---- in a verb --------------------------------------------------------------------------- */

static int write_line(struct buf *b, const struct archive_account *account)
{
	char salt[2 * ARCHIVE_SALT + 1];
	char hash[2 * ARCHIVE_DIGEST + 1];
	char created[24];
	str_hex(salt, account->salt, sizeof account->salt);
	str_hex(hash, account->hash, sizeof account->hash);
	(void)snprintf(created, sizeof created, "%ju", account->created_at_ms);
	const struct ctl_field fields[] = {{"do", "user-add"}, {"name", account->name},
		{"role", credential_role_name((enum archive_role)account->role)},
		{"scheme", account->scheme == SCHEME_SHA256 ? "sha256" : "scrypt"}, {"salt", salt},
		{"hash", hash}, {"created_at_ms", created}};
	return ctl_line_write(b, fields, sizeof fields / sizeof fields[0]);
}

/* No daemon: directly, under the store's lock. */
static int put_directly(
	const char *dir, const struct archive_account *account, char *why, size_t why_cap)
{
	struct archive *a;
	struct archive_options o = {.dir = dir, .rule = &merge_rule};
	int err = archive_open(&a, &o, why, why_cap);
	if (err < 0)
		return err;
	const struct audit_options of_ledger = {.dir = dir};
	char who[LIMIT_AUDIT_WHO];
	struct ledger l = {.who = audit_os_user(who)};
	err = audit_open(&l.own, &of_ledger);
	if (err == 0)
		err = put(a, &l, account);
	(void)str_copy(why, why_cap, err < 0 ? archive_why(a) : word_of(err));
	audit_close(l.own);
	archive_close(a);
	return err;
}

int hub_put_account(const struct hub_conf *conf, const struct archive_account *account, char *why,
	size_t why_cap)
{
	uint8_t bytes[LIMIT_CTL_LINE];
	struct buf line;
	buf_over(&line, bytes, sizeof bytes);
	int err = write_line(&line, account);
	if (err < 0)
		return err;
	int sent = ctl_request(conf->state_dir, &line, why, why_cap);
	if (sent != -ENOENT && sent != -ECONNREFUSED && sent != -ENAMETOOLONG)
		return sent;
	err = hub_act_as_owner(conf->state_dir, why, why_cap);
	if (err < 0)
		return err;
	err = put_directly(conf->state_dir, account, why, why_cap);
	hub_act_as_root();
	if (err == ERR_STORE_LOCKED && sent == -ENAMETOOLONG)
		(void)snprintf(why, why_cap,
			"the hub runs, and the path of state_dir is too long for its control "
			"socket: stop the hub and try again, or use a shorter state_dir");
	return err;
}
