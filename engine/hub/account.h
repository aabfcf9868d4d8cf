/* SPDX-License-Identifier: Apache-2.0
 * Authentication: checks of user and password for the hub's server. The account is looked up on
 * WORKER_READ; a machine's secret is compared there too, a person's password on WORKER_HASH, where
 * at most LIMIT_HASHES_WAITING wait.
 *
 * Failures are counted by user in a bounded table: after LIMIT_LOGIN_FAILS the next password of
 * that user is not even looked at for LIMIT_LOGIN_REST_MS. A machine's secret always is (it costs a
 * microsecond and cannot be guessed), so failures in its name cannot lock an agent out; only
 * the response to a wrong one changes.
 *
 * Contract: account_check returns a negative error and on_checked never comes, or 0 and it comes
 * exactly once, later. */
#ifndef PLATEN_HUB_ACCOUNT_H
#define PLATEN_HUB_ACCOUNT_H

#include "engine/loop/workers.h"
#include "engine/loop/loop.h"
#include "engine/store/archive.h"
#include "engine/store/archive_view.h"

struct accounts;

struct account_check {
	/* The caller's, before account_check. */
	char user[LIMIT_USER + 1];
	char password[LIMIT_PASSWORD + 1]; /* wiped before on_checked */
	/* err 0: it is `role`. ERR_AUTH: no such user or another password. ERR_UNAVAILABLE: not
	 * now, see retry_after_s. Else what failed here. */
	void (*on_checked)(struct account_check *check, int err);
	enum archive_role role;
	unsigned retry_after_s;
	/* account.c's */
	struct accounts *accounts;
	struct worker_job job;
	struct archive_account row;
	bool is_known;
	bool is_machine;
};

/* `view` must outlive it, and is used on WORKER_READ. */
int accounts_open(struct accounts **ret, struct loop *l, struct workers *workers,
	struct archive_view *view) MUST_USE;

/* No check may be under way. NULL is harmless. */
void accounts_close(struct accounts *a);

/* ERR_UNAVAILABLE at once when too many wait or the user rests. The password is then wiped too. */
int account_check(struct accounts *a, struct account_check *check) MUST_USE;

/* Failures since start, and how many checks were sent away unlooked. */
struct account_counts {
	uint64_t failed;
	uint64_t rested;
	uint64_t crowded;
};
const struct account_counts *accounts_counts(const struct accounts *a);

#endif
