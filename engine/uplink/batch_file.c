/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/uplink/batch_file.h"

#include "engine/loop/file.h"
#include "engine/store/spool_offline.h"
#include "engine/uplink/filter.h"
#include "engine/uplink/hub_key.h"
#include "engine/uplink/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEX = 2 * DIGEST_BYTES, LINE_MAX_BYTES = HEX + 3 * 21 + 2 };

/* ---- DIR/exports ---- */

struct exported {
	uint8_t digest[DIGEST_BYTES];
	uint64_t epoch, first, last;
};

struct exports {
	size_t count;
	struct exported list[LIMIT_EXPORTS]; /* oldest first */
};

static int exports_path(char path[PATH_MAX], const char *dir)
{
	return snprintf(path, PATH_MAX, "%s/exports", dir) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void exports_add(struct exports *x, const struct exported *one)
{
	if (x->count == LIMIT_EXPORTS) {
		memmove(x->list, x->list + 1, (LIMIT_EXPORTS - 1) * sizeof x->list[0]);
		x->count--;
	}
	x->list[x->count++] = *one;
}

/* A line that cannot be read is left out: its batch is sent once more. */
static int exports_load(struct exports *x, const char *dir, char *why, size_t why_cap)
{
	char path[PATH_MAX], line[256], digest[HEX + 1];
	uintmax_t epoch, first, last;
	struct exported one;
	x->count = 0;
	int err = exports_path(path, dir);
	if (err < 0)
		return err;
	int fd = file_open_regular(path, why, why_cap);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	if (f == NULL && fd >= 0) {
		err = -errno;
		(void)close(fd);
		return err;
	}
	if (f == NULL && fd == -ENOENT && why_cap > 0)
		why[0] = '\0';
	if (f == NULL)
		return fd == -ENOENT ? 0 : fd;
	while (fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%64s %ju %ju %ju", digest, &epoch, &first, &last) != 4 ||
			str_unhex(one.digest, sizeof one.digest, digest, strlen(digest)) !=
				DIGEST_BYTES)
			continue;
		one.epoch = epoch;
		one.first = first;
		one.last = last;
		exports_add(x, &one);
	}
	(void)fclose(f); /* only read from */
	return 0;
}

static int exports_save(const struct exports *x, const char *dir)
{
	char path[PATH_MAX], digest[HEX + 1], line[LINE_MAX_BYTES];
	struct buf bytes;
	int err = exports_path(path, dir);
	buf_open(&bytes, LIMIT_EXPORTS * LINE_MAX_BYTES);
	for (size_t i = 0; err == 0 && i < x->count; i++) {
		const struct exported *one = &x->list[i];
		str_hex(digest, one->digest, DIGEST_BYTES);
		int n = snprintf(line, sizeof line, "%s %ju %ju %ju\n", digest,
			(uintmax_t)one->epoch, (uintmax_t)one->first, (uintmax_t)one->last);
		err = buf_put(&bytes, line, (size_t)n);
	}
	if (err == 0)
		err = file_replace(path, bytes.data, bytes.len);
	buf_close(&bytes);
	return err;
}

static const struct exported *exports_find(const struct exports *x, const uint8_t *digest)
{
	for (size_t i = x->count; i > 0; i--) {
		if (memcmp(x->list[i - 1].digest, digest, DIGEST_BYTES) == 0)
			return &x->list[i - 1];
	}
	return NULL;
}

/* ---- export ---- */

struct exporter {
	struct batch_export *e;
	struct spool_identity id;
	struct exports exports;
	struct buf body;
	struct batch_head head;
	uint8_t public_key[CRYPTO_PUBLIC_MAX];
	uint8_t key_id[CRYPTO_KEY_ID];
	uint8_t ledger[DIGEST_BYTES];
};

static int write_file(const struct exporter *x, const struct buf *envelope)
{
	char path[PATH_MAX], agent[2 * AGENT_ID_BYTES + 1];
	str_hex(agent, x->id.agent_id, AGENT_ID_BYTES);
	int n = snprintf(path, sizeof path, "%s/%s-%016jx-%020ju-%020ju.batch", x->e->dir, agent,
		(uintmax_t)x->id.epoch, (uintmax_t)x->head.first, (uintmax_t)x->head.last);
	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	int err = file_replace(path, envelope->data, envelope->len);
	return err < 0 ? err : file_sync_dir(x->e->dir);
}

static int sign_and_write(struct exporter *x, struct upload *up, struct buf *head, struct buf *out)
{
	struct batch_export *e = x->e;
	int err = batch_filter(e->policy, &x->body);
	if (err < 0)
		return err;
	up->raw = x->body.data;
	up->raw_len = x->body.len;
	x->head.body_raw_len = (uint32_t)x->body.len;
	if ((err = upload_compress(up)) < 0)
		return err;
	x->head.body_encoding = up->body_encoding;
	policy_apply_head(e->policy, &x->head);
	if ((err = batch_head_pack(head, &x->head)) < 0 ||
		(err = upload_sign(up, UPLOAD_BATCH, head, out)) < 0)
		return err;
	/* The list first: a file that it does not name could never be settled. */
	struct exported one = {.epoch = x->id.epoch, .first = x->head.first, .last = x->head.last};
	memcpy(one.digest, up->digest, DIGEST_BYTES);
	exports_add(&x->exports, &one);
	if ((err = exports_save(&x->exports, e->state_dir)) < 0 || (err = write_file(x, out)) < 0)
		return err;
	memcpy(e->newest, up->digest, DIGEST_BYTES);
	e->bytes += out->len;
	return 0;
}

static int end_batch(struct exporter *x)
{
	struct batch_export *e = x->e;
	struct upload up = {.key = e->key, .key_id = x->key_id};
	struct buf head, out;
	if (x->head.count == 0)
		return 0;
	buf_open(&up.compressed, LIMIT_BATCH_SENT);
	buf_open(&head, LIMIT_HEAD);
	buf_open(&out, LIMIT_BATCH_SENT + LIMIT_HEAD + LIMIT_SIGNATURE + 64);
	int err = sign_and_write(x, &up, &head, &out);
	buf_close(&up.compressed);
	buf_close(&head);
	buf_close(&out);
	if (err < 0)
		return err;
	e->batches++;
	e->records += x->head.count;
	e->first = e->first == 0 ? x->head.first : e->first;
	e->last = x->head.last;
	x->head.count = 0;
	buf_clear(&x->body);
	return 0;
}

static int add_record(void *owner, uint64_t seq, const uint8_t *record, size_t len)
{
	struct exporter *x = owner;
	if (x->head.count == LIMIT_BATCH_RECORDS || x->body.len + len > x->body.max) {
		int err = end_batch(x);
		if (err < 0)
			return err;
	}
	if (x->head.count++ == 0)
		x->head.first = seq;
	x->head.last = seq;
	return buf_put(&x->body, record, len);
}

static int open_exporter(struct exporter *x, struct batch_export *e)
{
	const struct audit_options o = {.dir = e->state_dir};
	struct audit *audit;
	x->e = e;
	int n = crypto_key_public(e->key, x->public_key);
	int err = n < 0 ? n : crypto_key_id(x->public_key, (size_t)n, x->key_id);
	if (err == 0)
		err = exports_load(&x->exports, e->state_dir, e->why, sizeof e->why);
	if (err < 0)
		return err;
	x->head = (struct batch_head){.sent_at_ms = e->now_ms,
		.software = text_of(e->software),
		.public_key = x->public_key,
		.public_key_len = (size_t)n,
		.site = text_of(e->site),
		.minor = ENVELOPE_MINOR};
	/* For the hub to witness; without a ledger the batch goes without. */
	if (audit_open(&audit, &o) == 0) {
		if (audit_newest(audit, x->ledger) == 0) {
			x->head.ledger = x->ledger;
			x->head.ledger_len = DIGEST_BYTES;
		}
		audit_close(audit);
	}
	return 0;
}

static int on_pending(void *owner, uint64_t seq, const uint8_t *record, size_t len)
{
	struct exporter *x = owner;
	x->head.epoch = x->id.epoch;
	memcpy(x->head.agent_id, x->id.agent_id, AGENT_ID_BYTES);
	return add_record(x, seq, record, len);
}

int batch_export(struct batch_export *e)
{
	static struct exporter x; /* the list: too much for a stack */
	memset(&x, 0, sizeof x);
	buf_open(&x.body, LIMIT_BATCH_RAW);
	e->why[0] = '\0';
	int err = open_exporter(&x, e);
	if (err == 0)
		err = spool_each_pending(
			e->state_dir, &x.id, on_pending, &x, &e->damaged, e->why, sizeof e->why);
	if (err >= 0)
		err = end_batch(&x);
	buf_close(&x.body);
	if (err < 0 && e->why[0] == '\0')
		(void)snprintf(e->why, sizeof e->why, "%s: %s", e->dir, err_text(err));
	return err;
}

/* ---- receipts ---- */

static bool is_ours(const struct receipt_import *i, const struct receipt *r)
{
	return memcmp(r->agent_id, spool_agent_id(i->spool), AGENT_ID_BYTES) == 0 &&
	       r->epoch == spool_epoch(i->spool);
}

/* Removes the records of the batch, unless an older one is pending. */
static int settle(struct receipt_import *i, const struct receipt *r, const struct exported *batch)
{
	uint64_t oldest;
	struct spool_done done = {
		.last = r->last, .rejected = r->rejected_count, .is_receipted = true};
	i->first = batch->first;
	i->last = r->last;
	i->rejected = r->rejected_count;
	if (r->last < batch->first || r->last > batch->last) {
		(void)str_copy(i->why, sizeof i->why, "the receipt is for other numbers");
		return ERR_RANGE;
	}
	int err = spool_oldest(i->spool, &oldest);
	if (err < 0)
		return err;
	if (oldest == 0 || oldest > r->last)
		return RECEIPT_BEFORE;
	if (oldest < batch->first)
		return RECEIPT_EARLY;
	err = spool_done_offline(i->spool, &done);
	return err < 0 ? err : RECEIPT_SETTLED;
}

/* The pin or the settling stays, also if the audit cannot be written: then `why` says so. */
static void note(struct receipt_import *i, enum audit_kind kind, const char *what)
{
	int err = audit_note(i->state_dir, kind, 0, what);
	if (err < 0)
		(void)snprintf(
			i->why, sizeof i->why, "the audit is not written: %s", err_text(err));
}

static void note_batch(
	struct receipt_import *i, const struct receipt *r, const uint8_t *bytes, size_t len)
{
	uint8_t digest[DIGEST_BYTES];
	char batch[HEX + 1], receipt[HEX + 1] = "-", ledger[HEX + 1] = "-";
	char what[LIMIT_AUDIT_WHAT];
	str_hex(batch, r->batch_digest, DIGEST_BYTES);
	if (crypto_sha256(bytes, len, digest) == 0)
		str_hex(receipt, digest, DIGEST_BYTES);
	if (r->ledger_len == DIGEST_BYTES)
		str_hex(ledger, r->ledger, DIGEST_BYTES);
	(void)snprintf(what, sizeof what,
		"way=file epoch=%ju first=%ju last=%ju duplicates=%u rejected=%zu batch=%s "
		"receipt=%s ledger=%s",
		(uintmax_t)r->epoch, (uintmax_t)i->first, (uintmax_t)i->last, r->duplicates,
		i->rejected, batch, receipt, ledger);
	note(i, AUDIT_BATCH, what);
}

/* Pins the key of a receipt that is trusted, and says so also if no record goes: the next receipt
 * of this key says nothing. */
static int pin_key(
	struct receipt_import *i, struct hub_key *key, const struct receipt *r, int trust)
{
	char before[HUB_KEY_TEXT], now[HUB_KEY_TEXT], what[LIMIT_AUDIT_WHAT];
	(void)hub_key_text(before, key->der, key->len);
	int err = hub_key_pin(key, i->spool, r->public_key, r->public_key_len);
	if (err < 0)
		return err;
	(void)snprintf(what, sizeof what, "what=%s fingerprint=%s before=%s",
		hub_key_trust_name((enum hub_key_trust)trust),
		hub_key_text(now, r->public_key, r->public_key_len), before);
	note(i, AUDIT_KEY, what);
	return 0;
}

int receipt_import(struct receipt_import *i, const uint8_t *bytes, size_t len)
{
	static struct exports exports;
	struct envelope e;
	struct receipt r;
	struct hub_key key;
	(void)str_copy(i->why, sizeof i->why, "it is not a receipt of a platen-hub");
	int err = receipt_envelope_unpack(&e, bytes, len);
	if (err == 0)
		err = receipt_unpack(&r, e.head, e.head_len);
	if (err < 0)
		return err;
	i->why[0] = '\0';
	memcpy(i->batch_digest, r.batch_digest, DIGEST_BYTES);
	if ((err = hub_key_load(&key, i->spool)) < 0 ||
		(err = exports_load(&exports, i->state_dir, i->why, sizeof i->why)) < 0)
		return err;
	const struct exported *batch = exports_find(&exports, r.batch_digest);
	if (!is_ours(i, &r) || batch == NULL || batch->epoch != r.epoch)
		return RECEIPT_OTHER_AGENT;
	int trust = hub_key_check(&key, &e, &r, false, i->why, sizeof i->why);
	if (trust < 0)
		return trust;
	if (trust != HUB_KEY_PINNED && (err = pin_key(i, &key, &r, trust)) < 0)
		return err;
	int outcome = settle(i, &r, batch);
	if (outcome == RECEIPT_SETTLED)
		note_batch(i, &r, bytes, len);
	return outcome;
}
