/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/agent_audit.h"

#include "engine/agent/agent_internal.h"

#include <stdio.h>
#include <string.h>

enum { HEX = 2 * AUDIT_DIGEST };

int agent_audit_open(struct agent *a)
{
	int err = audit_queue_open(&a->audit, a->loop, a->workers, a->conf->state_dir);
	if (err < 0) {
		log_line(LOG_ERROR, "audit", "err=%s", err_text(err));
		return err;
	}
	audit_queue_add_config(a->audit, a->conf->digest, a->conf->file);
	return 0;
}

/* The batch that was made and not receipted: the hub may have it. */
static void put_open(char *dst, size_t cap, const struct uplink_open_batch *open)
{
	char digest[HEX + 1];
	dst[0] = '\0';
	if (open->last == 0)
		return;
	str_hex(digest, open->digest, AUDIT_DIGEST);
	(void)snprintf(dst, cap, " open_first=%ju open_last=%ju open_bytes=%zu open_batch=%s",
		(uintmax_t)open->first, (uintmax_t)open->last, open->bytes, digest);
}

/* The users whose sync-now it answers, each once. */
static void put_users(const struct agent *a, char *dst, size_t cap)
{
	size_t len = 0;
	dst[0] = '\0';
	for (size_t i = 0; i < a->sync_waiter_count && len < cap; i++) {
		bool is_named = false;
		for (size_t k = 0; k < i; k++)
			is_named = is_named || strcmp(a->sync_users[k], a->sync_users[i]) == 0;
		if (!is_named)
			len += (size_t)snprintf(dst + len, cap - len, "%s%s",
				len == 0 ? " sync-now=\"" : ", ", a->sync_users[i]);
	}
	if (len > 0 && len + 1 < cap)
		(void)snprintf(dst + len, cap - len, "\"");
}

void agent_audit_sync(struct agent *a, int err, const struct uplink_summary *s)
{
	struct audit_entry e;
	char who[LIMIT_AUDIT_WHO], open[256], users[256], why[LIMIT_WHY + 16] = "";
	uplink_account(a->uplink, who);
	put_open(open, sizeof open, &s->open);
	put_users(a, users, sizeof users);
	if (err < 0)
		(void)snprintf(why, sizeof why, " why=\"%s\"", s->why);
	audit_entry_set(&e, s->ended_at_ms, AUDIT_SYNC, who, err,
		"batches=%ju records=%ju first=%ju last=%ju bytes=%ju duplicates=%ju rejected=%ju "
		"retries=%ju took_ms=%ju%s%s%s",
		(uintmax_t)s->batches, (uintmax_t)s->records, (uintmax_t)s->first,
		(uintmax_t)s->last, (uintmax_t)s->sent_bytes, (uintmax_t)s->duplicates,
		(uintmax_t)s->rejected, (uintmax_t)s->retries,
		(uintmax_t)(s->ended_at_ms - s->started_at_ms), users, open, why);
	audit_queue_add(a->audit, &e);
}

void agent_audit_missed(void *owner, unsigned count, uint64_t last_ms)
{
	struct agent *a = owner;
	struct audit_entry e;
	char last[25];
	str_utc(last, last_ms);
	audit_entry_set(&e, loop_wall_ms(a->loop), AUDIT_MISSED, "schedule", ERR_TIMEOUT,
		"syncs=%u last=%s", count, last);
	audit_queue_add(a->audit, &e);
}
