/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/uplink_hub.h"

#include "proto/wire/inflate.h"
#include "tests/kit/log_capture.h"
#include "tests/kit/spool_value.h"

/* ---- the hub ---- */
static struct hub_side *hub_side_of(struct side *side)
{
	struct stage *s = side->more;
	return &s->sides[side - s->w.server];
}

static int hub_on_head(void *owner, const struct http1_head *head)
{
	struct side *side = owner;
	char user[LIMIT_USER + 1], password[LIMIT_PASSWORD + 1];
	assert_int_equal(head->method, HTTP1_POST);
	bool is_coverage = strcmp(head->target, "/base/v1/coverage") == 0;
	bool is_heartbeat = strcmp(head->target, "/base/v1/heartbeat") == 0;
	hub_side_of(side)->is_coverage = is_coverage;
	hub_side_of(side)->is_heartbeat = is_heartbeat;
	if (!is_coverage && !is_heartbeat)
		assert_string_equal(head->target, "/base/v1/batches");
	assert_string_equal(head->content_type, is_coverage    ? COVERAGE_MEDIA_TYPE
						: is_heartbeat ? HEARTBEAT_MEDIA_TYPE
							       : BATCH_MEDIA_TYPE);
	assert_int_equal(
		http1_read_basic(head->authorization, user, sizeof user, password, sizeof password),
		0);
	assert_string_equal(user, "agent-7");
	const struct stage *s = side->more;
	assert_string_equal(password, s->password != NULL ? s->password : "s3cret");
	assert_int_equal(side->opens, 1);
	return 0;
}

static int hub_on_body(void *owner, const uint8_t *bytes, size_t len)
{
	return buf_put(&hub_side_of(owner)->body, bytes, len);
}

static int hub_on_end(void *owner)
{
	(void)owner;
	return 0;
}

static const struct http1_events hub_events = {hub_on_head, hub_on_body, hub_on_end};

/* Everything a hub must check. Returns the digest of what was signed in `digest`. */
static void hub_check_batch(struct stage *s, const struct buf *body, uint8_t digest[32])
{
	static uint8_t raw[LIMIT_BATCH_RAW];
	struct envelope e;
	struct batch_head *h = &s->head;
	assert_int_equal(batch_unpack(&e, body->data, body->len), 0);
	assert_int_equal(batch_head_unpack(h, e.head, e.head_len), 0);
	assert_memory_equal(h->agent_id, spool_agent_id(s->spool), 16);
	assert_true(text_is(h->software, "platen/test"));
	assert_true(text_is(h->site, "cellar"));
	size_t n = h->body_raw_len;
	struct inflate *inflate;
	assert_true(h->body_encoding <= (s->encodings == 0 ? BODY_ZSTD : s->encodings));
	assert_int_equal(inflate_open(&inflate), 0);
	assert_int_equal(inflate_body(inflate, h->body_encoding, raw, n, e.body, e.body_len), 0);
	inflate_close(inflate);
	uint8_t head_digest[32], body_digest[32], bytes[BATCH_SIGNED_BYTES], id[CRYPTO_KEY_ID];
	assert_int_equal(crypto_sha256(e.head, e.head_len, head_digest), 0);
	assert_int_equal(crypto_sha256(raw, n, body_digest), 0);
	batch_signed(bytes, head_digest, body_digest);
	assert_int_equal(crypto_verify((enum crypto_alg)e.alg, h->public_key, h->public_key_len,
				 bytes, sizeof bytes, e.signature, e.signature_len),
		0);
	assert_int_equal(crypto_key_id(h->public_key, h->public_key_len, id), 0);
	assert_memory_equal(id, e.key_id, sizeof id);
	assert_int_equal(crypto_sha256(bytes, sizeof bytes, digest), 0);
	uint64_t seq = h->first;
	unsigned count = 0;
	for (size_t at = 0; at < n; count++) {
		struct record_head head;
		struct record_span groups[GROUP_COUNT];
		int took = record_spans(&head, groups, raw + at, n - at);
		assert_true(took > 0);
		assert_true(head.seq == seq++);
		at += (size_t)took;
	}
	assert_int_equal(count, h->count);
	assert_true(seq - 1 == h->last);
	assert_true(s->batches < BATCHES_MAX);
	s->first[s->batches] = h->first;
	s->last[s->batches] = h->last;
	s->epoch[s->batches] = h->epoch;
	assert_int_equal(crypto_sha256(body->data, body->len, s->envelope_digest[s->batches]), 0);
	s->batches++;
}

static void hub_put_receipt(
	struct stage *s, struct buf *dst, const uint8_t digest[32], int response)
{
	static const struct text want = {"serial:xerox/3TX1", 17};
	struct receipt_rejected rejected = {
		response == A_REJECT_GUILTY ? s->guilty : s->head.first, {"malformed", 9}};
	struct crypto_key *key = response == A_OTHER_KEY ? s->other_key : s->hub_key;
	uint8_t public_key[CRYPTO_PUBLIC_MAX], signature[CRYPTO_SIGNATURE_MAX], hash[32];
	uint8_t bytes[RECEIPT_SIGNED_BYTES];
	int key_len = crypto_key_public(key, public_key);
	assert_true(key_len > 0);
	struct receipt r = {.epoch = s->head.epoch,
		.last = s->head.last,
		.stored = s->head.count,
		.received_at_ms = 1795352800123,
		.software = TEXT("fake-hub"),
		.public_key = public_key,
		.public_key_len = (size_t)key_len,
		.encodings = s->encodings,
		.rejected = &rejected,
		.rejected_count = response == A_REJECT_FIRST || response == A_REJECT_GUILTY,
		.want_full = &want,
		.want_full_count = 1};
	memcpy(r.agent_id, s->head.agent_id, sizeof r.agent_id);
	memcpy(r.batch_digest, digest, sizeof r.batch_digest);
	if (response == A_OTHER_BATCH)
		r.batch_digest[0] ^= 1;
	uint8_t mem[1024];
	struct buf inner;
	buf_over(&inner, mem, sizeof mem);
	assert_int_equal(receipt_pack(&inner, &r), 0);
	assert_int_equal(crypto_sha256(inner.data, inner.len, hash), 0);
	receipt_signed(bytes, hash);
	int n = crypto_sign(key, bytes, sizeof bytes, signature);
	assert_true(n > 0);
	struct envelope e = {.alg = (uint8_t)crypto_key_alg(key),
		.head = inner.data,
		.head_len = inner.len,
		.signature = signature,
		.signature_len = (size_t)n};
	assert_int_equal(crypto_key_id(public_key, (size_t)key_len, e.key_id), 0);
	if (response == A_TAMPERED) /* "stored" is one more than was signed */
		inner.data[inner.len - 10] ^= 1;
	assert_int_equal(receipt_envelope_pack(dst, &e), 0);
}

/* With the stage's headers in front of the empty line. */
static void hub_put_head(const struct stage *s, struct buf *dst, const struct http1_response *r)
{
	assert_int_equal(http1_put_response(dst, r), 0);
	if (s->headers == NULL || r->status == 200)
		return;
	dst->len -= 2;
	assert_int_equal(buf_put_text(dst, s->headers), 0);
	assert_int_equal(buf_put_text(dst, "\r\n"), 0);
}

static void hub_respond_coverage(struct stage *s, struct side *side)
{
	struct hub_side *h = hub_side_of(side);
	struct envelope e;
	struct coverage_head head;
	struct http1_response r = {.status = (int)s->coverage_status, .content_type = "text/plain"};
	assert_int_equal(batch_unpack(&e, h->body.data, h->body.len), 0);
	assert_int_equal(coverage_head_unpack(&head, e.head, e.head_len), 0);
	assert_memory_equal(head.agent_id, spool_agent_id(s->spool), AGENT_ID_BYTES);
	assert_int_equal(head.known, 1);
	s->coverages++;
	buf_clear(&h->body);
	buf_clear(&h->reply);
	assert_int_equal(http1_put_response(&h->reply, &r), 0);
	assert_int_equal(conn_write(side->c, h->reply.data, h->reply.len), 0);
}

/* Everything a hub must check. Returns the digest of what was signed in `digest`. */
static void hub_check_heartbeat(struct stage *s, const struct buf *body, uint8_t digest[32])
{
	struct envelope e;
	uint8_t head[32], empty[32], bytes[HEARTBEAT_SIGNED_BYTES], key[CRYPTO_PUBLIC_MAX];
	assert_true(body->len <= LIMIT_HEARTBEAT);
	assert_int_equal(batch_unpack(&e, body->data, body->len), 0);
	assert_int_equal(e.body_len, 0);
	assert_int_equal(heartbeat_unpack(&s->heartbeat, e.head, e.head_len), 0);
	assert_memory_equal(s->heartbeat.agent_id, spool_agent_id(s->spool), AGENT_ID_BYTES);
	assert_true(text_is(s->heartbeat.software, "platen/test"));
	assert_int_equal(crypto_sha256(e.head, e.head_len, head), 0);
	assert_int_equal(crypto_sha256("", 0, empty), 0);
	heartbeat_signed(bytes, head, empty);
	int n = crypto_key_public(s->agent_key, key);
	assert_true(n > 0);
	assert_int_equal(crypto_verify((enum crypto_alg)e.alg, key, (size_t)n, bytes, sizeof bytes,
				 e.signature, e.signature_len),
		0);
	assert_int_equal(crypto_sha256(bytes, sizeof bytes, digest), 0);
}

static void hub_put_beat(struct stage *s, struct buf *dst, const uint8_t digest[32])
{
	struct crypto_key *key = s->beat == A_OTHER_KEY ? s->other_key : s->hub_key;
	uint8_t public_key[CRYPTO_PUBLIC_MAX], signature[CRYPTO_SIGNATURE_MAX], hash[32];
	uint8_t bytes[HEARTBEAT_RESPONSE_SIGNED_BYTES], mem[256];
	struct heartbeat_response r = {
		.received_at_ms = s->heartbeat.sent_at_ms - 1500, .work = s->work};
	struct buf inner;
	memcpy(r.digest, digest, sizeof r.digest);
	if (s->beat == A_OTHER_BATCH)
		r.digest[0] ^= 1;
	buf_over(&inner, mem, sizeof mem);
	assert_int_equal(heartbeat_response_pack(&inner, &r), 0);
	assert_int_equal(crypto_sha256(inner.data, inner.len, hash), 0);
	heartbeat_response_signed(bytes, hash);
	int n = crypto_sign(key, bytes, sizeof bytes, signature);
	assert_true(n > 0);
	struct envelope e = {.alg = (uint8_t)crypto_key_alg(key),
		.head = inner.data,
		.head_len = inner.len,
		.signature = signature,
		.signature_len = (size_t)n};
	int len = crypto_key_public(key, public_key);
	assert_true(len > 0);
	assert_int_equal(crypto_key_id(public_key, (size_t)len, e.key_id), 0);
	if (s->beat == A_TAMPERED)
		inner.data[inner.len - 1] ^= 1;
	assert_int_equal(receipt_envelope_pack(dst, &e), 0);
}

static void hub_respond_heartbeat(struct stage *s, struct side *side)
{
	struct hub_side *h = hub_side_of(side);
	struct http1_response r = {.status = 200, .content_type = HEARTBEAT_RESPONSE_MEDIA_TYPE};
	uint8_t digest[32];
	struct buf body;
	hub_check_heartbeat(s, &h->body, digest);
	s->heartbeats++;
	if (s->on_heartbeat != NULL)
		s->on_heartbeat(s);
	buf_open(&body, 1024);
	if (s->beat > A_STATUS)
		r.status = s->beat - A_STATUS;
	else
		hub_put_beat(s, &body, digest);
	if (s->beat > A_STATUS || s->beat == A_NO_RECEIPT)
		r.content_type = "text/plain";
	r.content_length = body.len;
	buf_clear(&h->body);
	buf_clear(&h->reply);
	assert_int_equal(http1_put_response(&h->reply, &r), 0);
	assert_int_equal(buf_put(&h->reply, body.data, body.len), 0);
	buf_close(&body);
	assert_int_equal(conn_write(side->c, h->reply.data, h->reply.len), 0);
}

static void hub_respond(struct side *side)
{
	struct stage *s = side->more;
	struct hub_side *h = hub_side_of(side);
	if (h->is_heartbeat) {
		hub_respond_heartbeat(s, side);
		return;
	}
	if (h->is_coverage) {
		hub_respond_coverage(s, side);
		return;
	}
	unsigned turn = s->requests < s->plan_len ? s->requests : s->plan_len - 1;
	int response = s->plan[turn];
	uint8_t digest[32];
	struct buf body;
	s->requests++;
	hub_check_batch(s, &h->body, digest);
	if (s->on_request != NULL)
		s->on_request(s);
	if (s->guilty >= s->head.first && s->guilty <= s->head.last)
		response = s->guilty_response;
	buf_open(&body, LIMIT_RECEIPT + 256);
	struct http1_response r = {.status = 200, .content_type = RECEIPT_MEDIA_TYPE};
	if (response > A_STATUS) {
		r.status = response - A_STATUS;
		r.content_type = "text/plain";
		r.retry_after_s = s->retry_after_s;
		assert_int_equal(buf_put_text(&body, s->note != NULL ? s->note : "no"), 0);
	} else if (response == A_NO_RECEIPT) {
		r.content_type = "text/html";
		assert_int_equal(buf_put_text(&body, "<html>"), 0);
	} else {
		hub_put_receipt(s, &body, digest, response);
	}
	if (response == A_RECEIPT || response == A_RECEIPT_AND_CLOSE || response == A_DROP ||
		response == A_REJECT_FIRST || response == A_REJECT_GUILTY ||
		response == A_UNTIL_CLOSE || response == A_TWO_RESPONSES) {
		for (uint64_t seq = s->head.first; seq <= s->head.last; seq++)
			s->stored[seq]++;
	}
	buf_clear(&h->body);
	buf_clear(&h->reply);
	h->is_last = r.is_last = response == A_RECEIPT_AND_CLOSE;
	r.content_length = body.len;
	if (response == A_GARBAGE)
		assert_int_equal(buf_put_text(&h->reply, "SSH-2.0-OpenSSH_9.2\r\n\r\n"), 0);
	else if (response == A_UNTIL_CLOSE)
		assert_int_equal(
			buf_put_text(&h->reply,
				"HTTP/1.1 200 OK\r\nContent-Type: " RECEIPT_MEDIA_TYPE "\r\n\r\n"),
			0);
	else
		hub_put_head(s, &h->reply, &r);
	h->is_last |= response == A_UNTIL_CLOSE;
	assert_int_equal(buf_put(&h->reply, body.data, body.len), 0);
	if (response == A_TWO_RESPONSES)
		assert_int_equal(buf_put_text(&h->reply, "HTTP/1.1 200 OK\r\n\r\n"), 0);
	buf_close(&body);
	if (s->stop_after_requests != 0 && s->requests == s->stop_after_requests) {
		stage_close_uplink(s);
		return;
	}
	if (response == A_SILENCE)
		return;
	if (response == A_CLOSE) {
		conn_close(side->c);
		return;
	}
	if (response == A_DROP) {
		h->is_dropped = true;
		conn_abort(side->c);
		return;
	}
	assert_int_equal(conn_write(side->c, h->reply.data, h->reply.len), 0);
}

static void hub_on_bytes(struct side *side, const uint8_t *bytes, size_t len)
{
	struct stage *s = side->more;
	struct hub_side *h = hub_side_of(side);
	buf_clear(&side->in);
	if (s->is_early) {
		static const char refusal[] =
			"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
		if (s->requests++ == 0)
			assert_int_equal(conn_write(side->c, refusal, sizeof refusal - 1), 0);
		return;
	}
	while (len > 0 && !h->is_dropped) {
		int took = http1_feed(&h->http, bytes, len);
		assert_true(took > 0);
		bytes += took;
		len -= (size_t)took;
		if (!http1_is_ended(&h->http))
			continue;
		http1_next(&h->http);
		hub_respond(side);
	}
}

static void hub_on_writable(struct side *side)
{
	if (hub_side_of(side)->is_last)
		conn_close(side->c);
}

/* Reads nothing after the handshake, and the kernel's buffers hold next to nothing. */
static void hub_is_deaf(struct stage *s, struct side *side)
{
	struct conn *ends[] = {side->c, s->uplink->conn};
	for (int i = 0; i < 2; i++) {
		uv_os_fd_t fd;
		assert_int_equal(uv_fileno(&ends[i]->handle.any, &fd), 0);
		assert_int_equal(
			setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){4096}, sizeof(int)), 0);
		assert_int_equal(
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int)), 0);
	}
	conn_pause(side->c);
}

static void hub_on_accept(struct side *side)
{
	struct hub_side *h = hub_side_of(side);
	http1_open(&h->http, HTTP1_REQUESTS, 2u << 20, &hub_events, side);
	buf_open(&h->body, 2u << 20);
	buf_open(&h->reply, 2u << 20);
	struct stage *s = side->more;
	if ((unsigned)(side - s->w.server) < s->deaf)
		hub_is_deaf(s, side);
}

/* ---- the agent ---- */
static void stage_spool_closed(void *owner)
{
	struct stage *s = owner;
	s->spool = NULL;
	workers_close(s->workers);
	world_no_more(&s->w);
	if (s->on_closed != NULL)
		s->on_closed(s);
}

static void stage_uplink_closed(void *owner)
{
	struct stage *s = owner;
	s->uplink = NULL;
	spool_close(s->spool, stage_spool_closed, s);
}

void stage_close_uplink(struct stage *s)
{
	uplink_close(s->uplink, stage_uplink_closed, s);
	uplink_close(s->uplink, stage_uplink_closed, s);
	assert_int_equal(uplink_sync_now(s->uplink), ERR_STOPPED);
}

static void stage_on_want_full(void *owner, struct text device_key)
{
	struct stage *s = owner;
	assert_true(text_is(device_key, "serial:xerox/3TX1"));
	s->wanted++;
}

void stage_on_sync_end(void *owner, int err, const struct uplink_summary *summary)
{
	struct stage *s = owner;
	struct spool_counts counts;
	assert_int_equal(err, summary->err);
	s->summary = *summary;
	s->ends++;
	spool_counts(s->spool, &counts);
	s->left = counts.pending;
	if (err == ERR_STOPPED)
		return;
	if (s->ends < s->runs) {
		if (s->options.interval_ms == 0 && !s->is_run_by_itself)
			assert_int_equal(uplink_sync_now(s->uplink), 0);
		return;
	}
	if (s->beat != 0 && s->heartbeats == 0)
		heartbeat_start(s->uplink);
	else
		stage_close_uplink(s);
}

static void stage_on_heartbeat_end(void *owner, int err, unsigned work)
{
	struct stage *s = owner;
	s->beat_ends++;
	s->beat_err = err;
	s->beat_work = work;
	s->has_no_heartbeat = s->uplink->has_no_heartbeat;
	uplink_get_status(s->uplink, &s->status);
	if (!s->uplink->wants_sync && !s->expects_sync)
		stage_close_uplink(s);
}

static void stage_on_kept(struct spool_put *put, int err)
{
	struct stage *s = container_of(put - (put->seq - 1), struct stage, puts[0]);
	assert_int_equal(err, 0);
	if (++s->kept < s->records || s->options.interval_ms > 0)
		return;
	assert_int_equal(s->is_due ? uplink_sync_due(s->uplink) : uplink_sync_now(s->uplink), 0);
	assert_int_equal(uplink_sync_now(s->uplink), ERR_BUSY);
	assert_int_equal(s->ends, 0);
}

void stage_put_all(struct stage *s)
{
	for (unsigned i = 0; i < s->records; i++) {
		uint8_t mem[8192];
		char device[32];
		struct buf b;
		struct reading r;
		struct record_head head = {.seq = spool_next_seq(s->spool),
			.read_at_ms = 1795352800123,
			.policy_id = 1,
			.is_full = true,
			.address = TEXT("192.0.2.1")};
		(void)snprintf(device, sizeof device, "serial:xerox/3TX%u", i);
		head.device_key = text_of(device);
		assert_true(head.seq == i + 1);
		buf_over(&b, mem, sizeof mem);
		reading_open(&r, &s->blocks);
		reading_make_printer(&r, i, 1, head.read_at_ms);
		assert_int_equal(
			record_pack(&b, &head, &r, s->groups != 0 ? s->groups : ALL_GROUPS), 0);
		reading_close(&r);
		s->puts[i].on_kept = stage_on_kept;
		assert_int_equal(spool_put(s->spool, &s->puts[i], b.data, b.len), 0);
	}
	spool_flush(s->spool);
}

static void stage_key(
	struct stage *s, struct crypto_key **key, const char *name, enum crypto_alg alg)
{
	char path[128];
	char why[LIMIT_WHY] = "";
	(void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
	assert_int_equal(crypto_key_open(key, path, alg, why, sizeof why), 0);
}

void stage_open_spool(struct stage *s)
{
	char why[LIMIT_WHY] = "";
	struct spool_options o = {.dir = s->dir, .max_bytes = 64u << 20, .linger_ms = 1};
	assert_int_equal(workers_open(&s->workers, s->w.loop), 0);
	assert_int_equal(spool_open(&s->spool, s->w.loop, s->workers, &o, why, sizeof why), 0);
}

void stage_open(struct stage *s, const char *cert, const char *key)
{
	memset(s, 0, sizeof *s);
	(void)str_copy(s->dir, sizeof s->dir, "/tmp/platen-uplink-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(slab_open(&s->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	world_open(&s->w);
	world_server_tls(&s->w, cert, key);
	world_client_tls(&s->w, "ca.pem", NULL);
	s->w.script.more = s;
	s->w.script.on_bytes = hub_on_bytes;
	s->w.script.on_writable = hub_on_writable;
	s->w.on_accept = hub_on_accept;
	world_listen(&s->w, "127.0.0.1");
	stage_key(s, &s->agent_key, "agent.key", CRYPTO_ED25519);
	stage_key(s, &s->hub_key, "hub.key", CRYPTO_P256);
	stage_key(s, &s->other_key, "other.key", CRYPTO_ED25519);
	stage_open_spool(s);
	s->records = 5;
	s->runs = 1;
	s->plan_len = 1;
	s->options = (struct uplink_options){.hub = {.host = "localhost",
						     .path = "/base/",
						     .user = "agent-7",
						     .password = "s3cret"},
		.site = "cellar",
		.software = "platen/test",
		.key = s->agent_key,
		.backoff_base_ms = 1,
		.backoff_cap_ms = 2};
}

static void stage_on_read(struct worker_job *job, int result)
{
	struct stage *s = container_of(job, struct stage, refused_job);
	(void)result;
	if (s->found_password != NULL)
		s->password = s->found_password;
	if (s->uplink != NULL)
		uplink_login_checked(s->uplink, s->found_password);
}

static void stage_on_refused(void *owner)
{
	struct stage *s = owner;
	s->refused++;
	worker_start(s->workers, WORKER_READ, &s->refused_job, NULL, stage_on_read);
}

const struct uplink_events stage_events = {.on_sync_end = stage_on_sync_end,
	.on_want_full = stage_on_want_full,
	.on_heartbeat_end = stage_on_heartbeat_end,
	.on_refused = stage_on_refused};

static void stage_on_coverage(
	void *owner, const struct policy *policy, struct coverage_head *head, struct buf *body)
{
	const struct coverage_row row = {.reason = COVERAGE_NOT_RESPONDING,
		.attempt_s = 9,
		.address = TEXT("192.0.2.1:161")};
	(void)owner;
	assert_non_null(policy);
	head->known = head->unread = 1;
	assert_int_equal(coverage_row_pack(body, &row), 0);
}

void stage_open_uplink(struct stage *s)
{
	struct uplink_events events = stage_events;
	if (s->coverage_status != 0)
		events.on_coverage = stage_on_coverage;
	if (s->options.hub.port == 0)
		s->options.hub.port = listener_port(s->w.listener);
	if (s->options.tls == NULL)
		s->options.tls = s->w.client_tls;
	uint8_t known = (uint8_t)s->known_encodings;
	if (known != 0)
		assert_int_equal(spool_set_value(s->spool, UPLINK_ENCODINGS_VALUE, &known, 1), 0);
	assert_int_equal(
		uplink_open(&s->uplink, s->w.loop, s->workers, s->spool, &s->options, &events, s),
		0);
}

void stage_play(struct stage *s)
{
	stage_open_uplink(s);
	stage_put_all(s);
	world_run(&s->w);
	assert_null(s->uplink);
	assert_null(s->spool);
}

void stage_close(struct stage *s)
{
	char command[128];
	/* A connection that is not read does not see the end. */
	for (unsigned i = 0; i < s->deaf && i < s->w.accepted; i++)
		conn_abort(s->w.server[i].c);
	world_close(&s->w);
	for (unsigned i = 0; i < s->w.accepted; i++) {
		buf_close(&s->sides[i].body);
		buf_close(&s->sides[i].reply);
	}
	crypto_key_close(s->agent_key);
	crypto_key_close(s->hub_key);
	crypto_key_close(s->other_key);
	assert_int_equal(s->blocks.used, 0);
	slab_close(&s->blocks);
	(void)snprintf(command, sizeof command, "rm -r %s", s->dir);
	assert_int_equal(system(command), 0);
}

/* ---- what the tests share ---- */
int stage_setup(void **state)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_capture(fd);
	return certs_make(state);
}

void stage_open_valid(struct stage *s)
{
	stage_open(s, "server.pem", "server.key");
}

void stage_check_stored_once(const struct stage *s)
{
	for (unsigned seq = 1; seq <= s->records; seq++)
		assert_int_equal(s->stored[seq], 1);
	assert_int_equal(s->left, 0);
}

void stage_check_nothing_deleted(const struct stage *s, int err)
{
	assert_int_equal(s->ends, 1);
	assert_int_equal(s->summary.err, err);
	assert_true(s->summary.why[0] != '\0');
	assert_int_equal(s->left, s->records);
	assert_int_equal(s->summary.records, 0);
}

void stage_read_status(const struct stage *s, struct uplink_status *status)
{
	uint8_t bytes[4096];
	size_t n = spool_value_read(s->dir, UPLINK_STATUS_VALUE, bytes, sizeof bytes);
	assert_true(n > 0);
	assert_int_equal(uplink_status_unpack(status, bytes, n), 0);
}

void stage_write_status(struct stage *s, const struct uplink_status *status)
{
	uint8_t bytes[UPLINK_STATUS_BYTES];
	int n = uplink_status_pack(status, bytes);
	assert_int_equal(spool_set_value(s->spool, UPLINK_STATUS_VALUE, bytes, (size_t)n), 0);
}

size_t stage_read_value(const struct stage *s, const char *name)
{
	uint8_t bytes[4096];
	return spool_value_read(s->dir, name, bytes, sizeof bytes);
}
