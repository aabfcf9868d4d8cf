/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/next_batch.h"

#include "engine/agent/host.h"
#include "engine/cli/cli.h"
#include "engine/store/spool_offline.h"
#include "engine/ui/ctl.h"
#include "proto/wire/policy.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAEMON_S = 5 };

/* ---- where it comes from ---- */

static uint64_t number(const struct ctl_line *line, const char *name)
{
	uint64_t v;
	return str_to_u64(ctl_line_get(line, name), 0, UINT64_MAX, &v) < 0 ? 0 : v;
}

static bool read_next(struct next_batch *n, const struct ctl_line *line)
{
	const char *hex = ctl_line_get(line, "head");
	uint64_t encodings = number(line, "encodings");
	int len = str_unhex(n->head_bytes, sizeof n->head_bytes, hex, strlen(hex));
	if (len <= 0 || encodings >= BODY_ENCODING_COUNT ||
		batch_head_unpack(&n->next.head, n->head_bytes, (size_t)len) < 0)
		return false;
	n->next.encodings = (unsigned)encodings;
	n->next.looks_at_site = number(line, "looks_at_site") != 0;
	n->next.site_digest = number(line, "site_digest");
	n->next.site_sent_ms = number(line, "site_sent_ms");
	return true;
}

static bool ask_daemon(struct next_batch *n)
{
	static const struct ctl_field request = {"do", "next"};
	static struct ctl_line line; /* 32 KiB, as the response */
	static char response[LIMIT_CTL_LINE];
	uint8_t bytes[64];
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	return ctl_line_write(&b, &request, 1) == 0 &&
	       ctl_request_within(n->conf->state_dir, &b, DAEMON_S, response, sizeof response) ==
		       0 &&
	       ctl_line_read(&line, response, strlen(response)) == 0 && read_next(n, &line);
}

/* An agent that has never run has no key yet: none is made here. */
static void read_key(struct next_batch *n)
{
	char path[PATH_MAX], why[LIMIT_WHY];
	struct crypto_key *key;
	int len = snprintf(path, sizeof path, "%s/agent.key", n->conf->state_dir);
	if (len < 0 || len >= (int)sizeof path || access(path, R_OK) < 0 ||
		crypto_key_open(&key, path, CRYPTO_ANY, why, sizeof why) < 0)
		return;
	len = crypto_key_public(key, n->public_key);
	crypto_key_close(key);
	n->next.head.public_key = n->public_key;
	n->next.head.public_key_len = len > 0 ? (size_t)len : 0;
}

static void read_spool(struct next_batch *n)
{
	struct spool *spool;
	struct uplink_kept *kept;
	char why[LIMIT_WHY];
	uint8_t bytes[sizeof n->last_run];
	if (spool_open_beside(&spool, n->conf->state_dir, why, sizeof why) < 0)
		return;
	if (!n->is_of_daemon && uplink_kept_load(&kept, spool) == 0) {
		uplink_kept_next(kept, &n->next);
		uplink_kept_free(kept);
	}
	n->has_last_run = spool_get_value(spool, UPLINK_LAST_RUN_VALUE, bytes, sizeof bytes) ==
			  (int)sizeof bytes;
	if (n->has_last_run)
		memcpy(&n->last_run, bytes, sizeof bytes);
	spool_close_beside(spool);
}

void next_batch_open(struct next_batch *n, const struct agent_conf *conf)
{
	*n = (struct next_batch){.conf = conf, .next = {.looks_at_site = true}};
	buf_open(&n->head, LIMIT_HEAD);
	buf_open(&n->message, LIMIT_BATCH_SENT + LIMIT_HEAD + LIMIT_SIGNATURE + 64);
	n->is_of_daemon = ask_daemon(n);
	read_spool(n);
	if (!n->is_of_daemon)
		read_key(n);
}

void next_batch_close(struct next_batch *n)
{
	buf_close(&n->head);
	buf_close(&n->message);
}

size_t next_batch_max(const struct next_batch *n)
{
	return n->next.encodings == 0 ? LIMIT_BATCH_FIRST : LIMIT_BATCH_RECORDS;
}

/* ---- the batch ---- */

static void add_site(struct next_batch *n, const struct policy *policy, struct batch_head *head)
{
	const struct site_information of_agent = head->info;
	head->info = (struct site_information){.store_kib = 0};
	if (!n->next.looks_at_site)
		return;
	host_site(&n->site, n->conf, head, &of_agent);
	if (site_digest(&n->site, policy->id) == n->next.site_digest &&
		head->sent_at_ms - n->next.site_sent_ms < UPLINK_SITE_AGAIN_MS)
		return;
	site_link(&n->site);
	head->info = n->site.info;
}

static void fill_head(struct next_batch *n, const struct policy *policy, struct batch_head *head)
{
	const struct batch_head numbers = *head;
	*head = n->next.head;
	memcpy(head->agent_id, numbers.agent_id, sizeof head->agent_id);
	head->epoch = numbers.epoch;
	head->first = numbers.first;
	head->last = numbers.last;
	head->count = numbers.count;
	head->sent_at_ms = cli_wall_ms();
	head->software = TEXT("platen/" PLATEN_VERSION);
	head->site = text_of(n->conf->site);
	head->minor = ENVELOPE_MINOR;
	add_site(n, policy, head);
}

/* The message with a signature of the same length. */
static int pack_message(struct next_batch *n, const struct batch_head *head,
	const struct upload *up, struct envelope *e)
{
	static const uint8_t signature[CRYPTO_SIGNATURE_MAX];
	enum { ED25519_PUBLIC = 44, ED25519_SIGNATURE = 64, P256_SIGNATURE = 71 };
	bool is_p256 = head->public_key_len > ED25519_PUBLIC;
	buf_clear(&n->head);
	buf_clear(&n->message);
	int err = batch_head_pack(&n->head, head);
	if (err < 0)
		return err;
	*e = (struct envelope){.alg = is_p256 ? CRYPTO_P256 : CRYPTO_ED25519,
		.head = n->head.data,
		.head_len = n->head.len,
		.body = up->body,
		.body_len = up->body_len,
		.signature = signature,
		.signature_len = is_p256 ? P256_SIGNATURE : ED25519_SIGNATURE};
	if (head->public_key_len > 0)
		err = crypto_key_id(head->public_key, head->public_key_len, e->key_id);
	return err < 0 ? err : batch_pack(&n->message, e);
}

int next_batch_fill(struct next_batch *n, const struct policy *policy, struct batch_head *head,
	struct upload *up, struct envelope *e)
{
	up->encodings = n->next.encodings;
	int err = upload_compress(up);
	if (err < 0)
		return err;
	fill_head(n, policy, head);
	head->body_encoding = up->body_encoding;
	head->body_raw_len = (uint32_t)up->raw_len;
	policy_apply_head(policy, head);
	err = pack_message(n, head, up, e);
	return err < 0 ? err : (int)n->message.len;
}

void next_batch_step(struct next_batch *n, const struct batch_head *head)
{
	struct batch_head *next = &n->next.head;
	if (n->next.encodings == 0)
		n->next.encodings = BODY_ENCODING_COUNT - 1; /* a hub of this version */
	n->next.looks_at_site = false;
	next->polls_made = next->polls_unchanged = next->polls_failed = 0;
	memset(next->dropped, 0, sizeof next->dropped);
	next->receipted = head->last;
}
