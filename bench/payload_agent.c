/* SPDX-License-Identifier: Apache-2.0
 * The agent without sockets: the collector, the spool on disk, and batches as the uplink makes
 * them; and the hub's way of a batch, which must accept each of them. */
#include "bench/common.h"
#include "bench/payload.h"

#include "engine/fleet/collect.h"
#include "engine/hub/ingest_batch.h"
#include "engine/hub/merge.h"
#include "engine/loop/workers.h"
#include "engine/uplink/upload.h"
#include "proto/wire/coverage.h"
#include "proto/wire/pack.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEADLINES = 64, FIRST_ADDRESS = 0x0a000001 };

struct one {
	struct device device;
	struct collect_item item;
	struct payload_agent *agent;
	uint64_t complete_ms; /* 0: during the last hour */
	bool is_packed;
};

struct payload_agent {
	char dir[64], hub_dir[80];
	struct loop *loop;
	struct workers *workers;
	struct spool *spool;
	struct collector *collector;
	struct crypto_key *key, *hub_key;
	struct archive *archive;
	struct batch_writer *writer;
	struct one *one;
	size_t printers;
	unsigned encodings; /* as the hub's receipts say */
	size_t under_way;   /* records on their way to the disk */
	bool is_done;
	int err;
};

/* ---- opening ---- */
static void check(int err, const char *what)
{
	if (err < 0)
		payload_fail(what, err);
}

static void open_hub(struct payload_agent *a)
{
	char path[128], why[LIMIT_WHY] = "";
	(void)snprintf(a->hub_dir, sizeof a->hub_dir, "%s/hub", a->dir);
	struct archive_options archive = {.dir = a->hub_dir, .rule = &merge_rule};
	check(archive_open(&a->archive, &archive, why, sizeof why), "the hub's archive");
	(void)snprintf(path, sizeof path, "%s/hub.key", a->hub_dir);
	check(crypto_key_open(&a->hub_key, path, CRYPTO_ED25519, why, sizeof why), "the hub's key");
	struct batch_writer_options writer = {
		.archive = a->archive, .key = a->hub_key, .software = "platen-hub/" PLATEN_VERSION};
	check(batch_writer_open(&a->writer, &writer), "the hub's writer");
}

struct payload_agent *payload_agent_open(size_t printers)
{
	struct payload_agent *a = calloc(1, sizeof *a);
	char path[128], why[LIMIT_WHY] = "";
	if (a == NULL || (a->one = calloc(printers, sizeof *a->one)) == NULL)
		payload_fail("memory", ERR_FULL);
	a->printers = printers;
	/* In memory, where there is such a place: the disk's time is not measured. */
	(void)snprintf(a->dir, sizeof a->dir, "%spayload_XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : "");
	if (mkdtemp(a->dir) == NULL)
		payload_fail(a->dir, ERR_STORE);
	check(loop_open(&a->loop, DEADLINES), "the loop");
	check(workers_open(&a->workers, a->loop), "the workers");
	struct spool_options spool = {
		.dir = a->dir, .max_bytes = LIMIT_SPOOL_BYTES, .linger_ms = 5};
	check(spool_open(&a->spool, a->loop, a->workers, &spool, why, sizeof why), "the spool");
	check(collect_open(&a->collector, a->loop, a->spool, NULL, NULL), "the collector");
	(void)snprintf(path, sizeof path, "%s/agent.key", a->dir);
	check(crypto_key_open(&a->key, path, CRYPTO_ED25519, why, sizeof why), "the key");
	for (size_t i = 0; i < printers; i++) {
		struct conf_device from = {.version = SNMP_V2C, .community = "public"};
		from.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(161),
			.sin_addr.s_addr = htonl((uint32_t)(FIRST_ADDRESS + i))};
		device_init(&a->one[i].device, &from);
		a->one[i].agent = a;
	}
	open_hub(a);
	return a;
}

static void remove_all(const char *dir)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

static void on_closed(void *owner)
{
	struct payload_agent *a = owner;
	workers_close(a->workers);
}

void payload_agent_close(struct payload_agent *a)
{
	collect_close(a->collector);
	spool_close(a->spool, on_closed, a);
	check(loop_run(a->loop), "the loop");
	check(loop_close(a->loop), "the loop's end");
	batch_writer_close(a->writer);
	archive_close(a->archive);
	crypto_key_close(a->hub_key);
	crypto_key_close(a->key);
	remove_all(a->hub_dir);
	remove_all(a->dir);
	free(a->one);
	free(a);
}

/* ---- readings ---- */
static void on_packed(struct collect_item *item)
{
	struct one *one = container_of(item, struct one, item);
	one->is_packed = true;
	loop_stop(one->agent->loop);
}

static void on_kept(struct collect_item *item, int err)
{
	struct one *one = container_of(item, struct one, item);
	check(err, "a record was not kept");
	one->agent->under_way--;
	loop_stop(one->agent->loop);
}

void payload_agent_settle(struct payload_agent *a)
{
	spool_flush(a->spool);
	while (a->under_way > 0)
		check(loop_run(a->loop), "the loop");
}

void payload_agent_read(
	struct payload_agent *a, size_t printer, struct reading *r, uint64_t now_ms, bool is_full)
{
	struct one *one = &a->one[printer];
	one->is_packed = false;
	one->item = (struct collect_item){.device = &one->device,
		.reading = r,
		.read_wall_ms = now_ms,
		.is_incremental = !is_full,
		.on_packed = on_packed,
		.on_kept = on_kept};
	int n = collect_reading(a->collector, &one->item);
	check(n, "collect_reading");
	a->under_way += n == 1;
	while (n == 1 && !one->is_packed)
		check(loop_run(a->loop), "the loop");
}

void payload_agent_polled(struct payload_agent *a, size_t printer, uint64_t at_ms)
{
	a->one[printer].complete_ms = at_ms;
}

/* ---- a sync ---- */
static void on_peeked(struct spool_batch *batch, int err)
{
	struct payload_agent *a = batch->owner;
	check(err, "spool_peek");
	a->is_done = true;
	loop_stop(a->loop);
}

static void on_deleted(struct spool_done *done, int err)
{
	struct payload_agent *a = done->owner;
	check(err, "spool_done");
	a->is_done = true;
	loop_stop(a->loop);
}

static void wait(struct payload_agent *a)
{
	while (!a->is_done)
		check(loop_run(a->loop), "the loop");
	a->is_done = false;
}

static void note_encodings(struct payload_agent *a, const struct buf *bytes)
{
	struct envelope e;
	struct receipt r;
	check(receipt_envelope_unpack(&e, bytes->data, bytes->len), "the receipt");
	check(receipt_unpack(&r, e.head, e.head_len), "the receipt");
	a->encodings = r.encodings;
}

/* The hub must accept it. */
static void give_to_hub(struct payload_agent *a, const struct buf *envelope, uint64_t now_ms,
	struct payload_sync *ret)
{
	struct batch_result result;
	struct buf receipt;
	buf_open(&receipt, LIMIT_RECEIPT);
	check(archive_begin(a->archive), "the hub's archive");
	check(batch_write(a->writer, &result, &receipt, envelope->data, envelope->len, "agent",
		      now_ms + 1000),
		"the hub's store");
	check(archive_commit(a->archive), "the hub's archive");
	if (result.status != 200 || result.rejected > 0)
		payload_fail(result.what != NULL ? result.what : "a record was rejected",
			result.err != 0 ? result.err : ERR_FORMAT);
	check(batch_sign(a->writer, &receipt), "the receipt");
	ret->received += receipt.len;
	note_encodings(a, &receipt);
	buf_close(&receipt);
}

static void send_batch(struct payload_agent *a, const struct spool_batch *b, uint64_t now_ms,
	struct payload_sync *ret)
{
	uint8_t public_key[CRYPTO_PUBLIC_MAX], key_id[CRYPTO_KEY_ID];
	int public_len = crypto_key_public(a->key, public_key);
	check(public_len, "the key");
	check(crypto_key_id(public_key, (size_t)public_len, key_id), "the key");
	struct batch_head head = {.epoch = spool_epoch(a->spool),
		.first = b->first,
		.last = b->last,
		.count = (uint32_t)b->count,
		.sent_at_ms = now_ms,
		.body_raw_len = (uint32_t)b->body.len,
		.software = TEXT("platen/" PLATEN_VERSION),
		.polls_made = 24 * a->printers,
		.polls_unchanged = 14 * a->printers,
		.public_key = public_key,
		.public_key_len = (size_t)public_len,
		.site = TEXT("Head office, Lyon"),
		.devices = (uint32_t)a->printers,
		.minor = ENVELOPE_MINOR};
	memcpy(head.agent_id, spool_agent_id(a->spool), AGENT_ID_BYTES);
	struct upload up = {.key = a->key,
		.key_id = key_id,
		.raw = b->body.data,
		.raw_len = b->body.len,
		.encodings = a->encodings};
	struct buf head_bytes, envelope;
	buf_open(&up.compressed, LIMIT_BATCH_SENT);
	buf_open(&head_bytes, LIMIT_HEAD);
	buf_open(&envelope, LIMIT_BATCH_SENT + LIMIT_HEAD + 1024);
	double before = bench_cpu_s(0);
	check(upload_compress(&up), "compress");
	head.body_encoding = up.body_encoding;
	check(batch_head_pack(&head_bytes, &head), "the head");
	check(upload_sign(&up, UPLOAD_BATCH, &head_bytes, &envelope), "sign");
	ret->pack_s += bench_cpu_s(0) - before;
	if (b->first <= ret->last)
		payload_fail("a batch is older than the one before", ERR_FORMAT);
	ret->first = ret->batches == 0 ? b->first : ret->first;
	ret->last = b->last;
	ret->batches++;
	ret->records += b->count;
	ret->raw += b->body.len;
	ret->sent += envelope.len;
	give_to_hub(a, &envelope, now_ms, ret);
	buf_close(&envelope);
	buf_close(&head_bytes);
	buf_close(&up.compressed);
}

/* ---- coverage ---- */
static uint32_t complete_s(const struct one *one, size_t printer, uint64_t now_ms)
{
	if (one->complete_ms != 0)
		return (uint32_t)((now_ms - one->complete_ms) / 1000);
	return (uint32_t)((now_ms / 1000 + printer * 7919) % 3600 + 1);
}

static void put_rows(const struct payload_agent *a, uint64_t now_ms, struct buf *body)
{
	for (size_t i = 0; i < a->printers; i++) {
		const struct one *one = &a->one[i];
		uint8_t digest[CRYPTO_SHA256];
		struct coverage_row row = {.device = digest,
			.device_len = COVERAGE_DEVICE_BYTES,
			.complete_s = complete_s(one, i, now_ms)};
		check(crypto_sha256(one->device.key, strlen(one->device.key), digest), "digest");
		check(coverage_row_pack(body, &row), "coverage");
	}
}

static void send_coverage(struct payload_agent *a, uint64_t now_ms, struct payload_sync *ret)
{
	uint8_t public_key[CRYPTO_PUBLIC_MAX], key_id[CRYPTO_KEY_ID];
	int public_len = crypto_key_public(a->key, public_key);
	check(public_len, "the key");
	check(crypto_key_id(public_key, (size_t)public_len, key_id), "the key");
	struct coverage_head head = {.epoch = spool_epoch(a->spool),
		.sent_at_ms = now_ms,
		.public_key = public_key,
		.public_key_len = (size_t)public_len,
		.known = (uint32_t)a->printers,
		.minor = ENVELOPE_MINOR};
	memcpy(head.agent_id, spool_agent_id(a->spool), AGENT_ID_BYTES);
	struct buf body, head_bytes, envelope;
	buf_open(&body, LIMIT_BATCH_RAW);
	buf_open(&head_bytes, LIMIT_HEAD);
	buf_open(&envelope, LIMIT_BATCH_SENT + LIMIT_HEAD + 1024);
	put_rows(a, now_ms, &body);
	struct upload up = {.key = a->key,
		.key_id = key_id,
		.raw = body.data,
		.raw_len = body.len,
		.encodings = a->encodings};
	buf_open(&up.compressed, LIMIT_BATCH_SENT);
	check(upload_compress(&up), "compress");
	head.body_encoding = up.body_encoding;
	head.body_raw_len = (uint32_t)body.len;
	check(coverage_head_pack(&head_bytes, &head), "the head");
	check(upload_sign(&up, UPLOAD_COVERAGE, &head_bytes, &envelope), "sign");
	ret->coverage = envelope.len;
	ret->sent += envelope.len;
	struct batch_result result;
	check(archive_begin(a->archive), "the hub's archive");
	check(coverage_write(a->writer, &result, envelope.data, envelope.len, now_ms + 1000),
		"the hub's store");
	check(archive_commit(a->archive), "the hub's archive");
	if (result.status != 200)
		payload_fail(result.what, result.err);
	buf_close(&up.compressed);
	buf_close(&envelope);
	buf_close(&head_bytes);
	buf_close(&body);
}

void payload_agent_sync(
	struct payload_agent *a, uint64_t now_ms, struct payload_sync *ret, struct buf *bodies)
{
	struct spool_batch batch = {.owner = a, .on_peeked = on_peeked};
	struct spool_done done = {.is_receipted = true, .owner = a, .on_done = on_deleted};
	*ret = (struct payload_sync){.records = 0};
	buf_open(&batch.body, LIMIT_BATCH_RAW);
	for (;;) {
		buf_clear(&batch.body);
		spool_peek(a->spool, &batch,
			a->encodings == 0 ? LIMIT_BATCH_FIRST : LIMIT_BATCH_RECORDS);
		wait(a);
		if (batch.count == 0)
			break;
		send_batch(a, &batch, now_ms, ret);
		if (bodies != NULL)
			check(buf_put(bodies, batch.body.data, batch.body.len), "memory");
		done.last = batch.last;
		spool_done(a->spool, &done);
		wait(a);
	}
	buf_close(&batch.body);
	send_coverage(a, now_ms, ret);
}

void payload_agent_sync_fails(struct payload_agent *a)
{
	struct spool_done done = {.owner = a, .on_done = on_deleted};
	spool_freeze(a->spool, &done);
	wait(a);
}

struct spool *payload_agent_spool(struct payload_agent *a)
{
	return a->spool;
}

const char *payload_agent_dir(const struct payload_agent *a)
{
	return a->dir;
}

const char *payload_agent_hub_dir(const struct payload_agent *a)
{
	return a->hub_dir;
}
