/* SPDX-License-Identifier: Apache-2.0
 * R4(b): printers that send every class of damaged response (tools/sim/garbage.h), over real
 * sockets, through the whole receive path: datagram, message, values, reading. For each request the
 * broken printer sends one damaged response and then the correct one, so that each case meets an
 * open request, and the poll continues. Nothing may crash or leak, every request ends once, each
 * datagram is counted exactly once, and the reading of the other printer does not change. */
#include "engine/snmp/snmp_client.h"

#include "engine/loop/loop_internal.h"
#include "engine/loop/udp.h"
#include "proto/mib/mib.h"
#include "proto/wire/pack.h"
#include "tests/counts.h"
#include "tests/hostile/printer.h"
#include "tests/hostile/reader.h"
#include "tools/sim/garbage.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct world;

/* One printer and the polls that are made to it, one after the other. */
struct printer {
	struct world *world;
	bool is_broken;
	int fd;
	uv_poll_t poll;
	struct snmp_peer peer;
	struct usm_peer usm;
	uint32_t last_id; /* request-id of the request before */
	size_t responses; /* sent, with the damaged ones */
	size_t replies, polls;
	struct snmp_request snmp;
	struct mib_limits memory;
	struct mib_plan plan;
	struct reading reading;
};

struct world {
	struct loop *loop;
	struct snmp_client *client;
	struct models models;
	struct slab blocks;
	struct recording recording;
	struct garbage *garbage;
	bool is_signed; /* SNMPv3: damaged messages get a valid signature */
	struct usm_user user;
	struct agent_engine engine;
	size_t cases, wanted;
	size_t by_class[GARBAGE_CLASSES];
	size_t too_long; /* damaged responses that the kernel truncates */
	bool has_first;
	uint64_t first[GROUP_COUNT]; /* digests of the first true reading */
	struct printer broken, neighbour;
};

/* ---- the printers ------------------------------------------------------------------------- */

static void send_to(
	struct printer *p, const uint8_t *bytes, size_t len, const struct sockaddr_in *to)
{
	assert_int_equal(
		sendto(p->fd, bytes, len, 0, (const struct sockaddr *)to, sizeof *to), len);
	p->responses++;
}

static void send_damaged(struct printer *p, const uint8_t *answer, size_t answer_len,
	const uint8_t *request, size_t request_len, const struct sockaddr_in *to)
{
	struct world *h = p->world;
	enum garbage_class c;
	const uint8_t *bytes;
	assert_int_equal(garbage_open(h->garbage, answer, answer_len, request, request_len), 0);
	size_t len = garbage_any(h->garbage, h->cases++, &bytes, &c);
	assert_true(len <= GARBAGE_BYTES);
	if (h->is_signed)
		(void)agent_sign(&h->engine, AGENT_FLAG_AUTH | AGENT_FLAG_PRIV,
			h->garbage->out + h->garbage->start, len);
	h->by_class[c]++;
	h->too_long += len > LIMIT_DATAGRAM;
	send_to(p, bytes, len, to);
}

/* A signed clock of the printer is accepted: this restores the right one. */
static void set_clock(struct printer *p)
{
	reader_know(&p->usm, &p->world->engine, loop_now_ms(p->world->loop));
}

static void on_request(uv_poll_t *poll, int status, int events)
{
	struct printer *p = poll->data;
	uint8_t in[AGENT_BYTES], out[AGENT_BYTES];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	struct agent_request request;
	assert_int_equal(status, 0);
	assert_true((events & UV_READABLE) != 0);
	ssize_t n = recvfrom(p->fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_len);
	assert_true(n > 0);
	assert_true(agent_read(&request, &p->world->engine, in, (size_t)n));
	size_t len = agent_respond(out, &request, &p->world->engine, &p->world->recording);
	/* The same request again, because a damaged response changed the clock. */
	bool is_again = request.version == SNMP_V3 && request.id == p->last_id;
	p->last_id = request.id;
	if (request.version == SNMP_V3)
		set_clock(p);
	if (p->is_broken && !is_again)
		send_damaged(p, out, len, in, (size_t)n, &from);
	if (request.version == SNMP_V3)
		assert_true(agent_sign(&p->world->engine, request.flags, out, len));
	send_to(p, out, len, &from);
}

/* ---- the polls --------------------------------------------------------------------------- */

static void ask(struct printer *p);

static void begin_poll(struct printer *p)
{
	struct world *h = p->world;
	memset(&p->memory, 0, sizeof p->memory);
	reading_open(&p->reading, &h->blocks);
	mib_begin(&p->plan, &p->memory, (enum snmp_version)p->peer.version, &h->models, false);
}

static void end_poll(struct printer *p)
{
	struct world *h = p->world;
	mib_end(&p->plan, &p->reading);
	/* SNMPv3: unsigned damage changes nothing for the broken printer either. */
	bool is_true = !p->is_broken || (p->peer.version == SNMP_V3 && !h->is_signed);
	for (unsigned g = 0; g < GROUP_COUNT && is_true; g++) {
		uint64_t digest = record_group_digest(&p->reading, (enum reading_group)g);
		if (!h->has_first)
			h->first[g] = digest;
		assert_int_equal(digest, h->first[g]);
	}
	h->has_first = h->has_first || is_true;
	assert_true(!is_true || p->reading.identity.is_printer);
	p->polls++;
	reading_close(&p->reading);
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct printer *p = owner;
	p->replies++;
	assert_int_equal(reply->err, 0);
	if (reply->error_status == 0)
		mib_add_response(&p->plan, &p->reading, reply->varbinds, reply->count);
	else
		mib_add_error(&p->plan, reply->error_status, reply->error_index);
	ask(p);
}

static void ask(struct printer *p)
{
	struct world *h = p->world;
	if (h->cases >= h->wanted && p->polls > 0) {
		mib_abort(&p->plan);
		reading_close(&p->reading);
		if (h->broken.polls > 0 && snmp_client_in_flight(h->client) == 0)
			loop_stop(h->loop);
		return;
	}
	if (mib_next_request(&p->plan, &p->snmp, LIMIT_REQUEST_FIRST) == 0 ||
		mib_context(&p->plan).len > 0) {
		end_poll(p);
		begin_poll(p);
		assert_int_equal(mib_next_request(&p->plan, &p->snmp, LIMIT_REQUEST_FIRST), 1);
	}
	assert_int_equal(snmp_client_send(h->client, &p->peer, &p->snmp, on_response, p), 0);
}

/* ---- the world ---------------------------------------------------------------------------- */

static void open_printer(struct world *h, struct printer *p, enum snmp_version version)
{
	struct sockaddr_in *a = &p->peer.address.in4;
	socklen_t len = sizeof *a;
	p->world = h;
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)a, sizeof *a), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)a, &len), 0);
	assert_int_equal(uv_poll_init(loop_uv(h->loop), &p->poll, p->fd), 0);
	p->poll.data = p;
	assert_int_equal(uv_poll_start(&p->poll, UV_READABLE, on_request), 0);
	p->peer.version = (uint8_t)version;
	p->peer.community = "public";
	p->peer.community_len = 6;
	if (version == SNMP_V3) {
		usm_peer_init(&p->usm, &h->user, NULL, 0);
		p->peer.usm = &p->usm;
		set_clock(p);
	}
}

static struct world *open_world(enum snmp_version version)
{
	struct world *h = calloc(1, sizeof *h);
	struct snmp_client_options o = {.window = 2, .deadline_ms = 30000, .tries = 1};
	assert_non_null(h);
	h->garbage = malloc(sizeof *h->garbage);
	assert_non_null(h->garbage);
	h->wanted = test_count("MALFORMED");
	assert_int_equal(loop_open(&h->loop, 64), 0);
	assert_int_equal(snmp_client_open(&h->client, h->loop, &o), 0);
	assert_int_equal(hostile_open(&h->models, &h->recording), 0);
	assert_int_equal(slab_open(&h->blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE), 0);
	h->broken.is_broken = true;
	assert_int_equal(reader_open(&h->engine, &h->user), 0);
	open_printer(h, &h->broken, version);
	open_printer(h, &h->neighbour, version);
	return h;
}

static void close_world(struct world *h)
{
	snmp_client_close(h->client);
	uv_close((uv_handle_t *)&h->broken.poll, NULL);
	uv_close((uv_handle_t *)&h->neighbour.poll, NULL);
	assert_int_equal(loop_run(h->loop), 0);
	if (h->broken.peer.usm != NULL) {
		usm_peer_close(&h->broken.usm);
		usm_peer_close(&h->neighbour.usm);
	}
	usm_user_close(&h->user);
	assert_int_equal(loop_close(h->loop), 0);
	assert_int_equal(close(h->broken.fd), 0);
	assert_int_equal(close(h->neighbour.fd), 0);
	recording_close(&h->recording);
	slab_close(&h->blocks);
	models_close(&h->models);
	free(h->garbage);
	free(h);
}

/* ---- tests -------------------------------------------------------------------------------- */

/* Each received datagram was accepted, or is counted under the reason of its refusal. Datagrams
 * that were cut are not. The last correct responses may still be in flight. */
static void assert_books_balance(const struct world *h)
{
	const struct snmp_client_counters *c = snmp_client_counters(h->client);
	uint64_t told = c->responses + snmp_client_counters_refused(c);
	uint64_t came = h->broken.responses + h->neighbour.responses - h->too_long;
	assert_true(told <= came && told + 2 >= came);
	assert_int_equal(c->responses, h->broken.replies + h->neighbour.replies);
	assert_int_equal(c->requests, c->responses);
	assert_int_equal(c->timeouts, 0);
	assert_true(c->malformed > h->cases / 20);
	print_message("             %zu cases: %" PRIu64 " malformed, %zu cut, %" PRIu64
		      " of another id, %" PRIu64 " taken in %zu polls\n",
		h->cases, c->malformed, h->too_long, c->stray_id,
		c->responses - h->neighbour.replies, h->broken.polls);
}

static void survive(enum snmp_version version, bool is_signed)
{
	struct world *h = open_world(version);
	h->is_signed = is_signed;
	begin_poll(&h->broken);
	begin_poll(&h->neighbour);
	ask(&h->broken);
	ask(&h->neighbour);
	assert_int_equal(loop_run(h->loop), 0);
	assert_true(h->cases >= h->wanted);
	assert_true(h->neighbour.polls > 0 && h->broken.polls > 0);
	for (unsigned c = 0; c < GARBAGE_CLASSES; c++)
		assert_true(h->by_class[c] > 0);
	assert_books_balance(h);
	close_world(h);
}

/* The same case gives the same bytes, and damage that changes nothing leaves the whole message. */
static void test_cases_are_reproducible(void **state)
{
	static struct garbage a, b;
	uint8_t answer[AGENT_BYTES];
	struct world *h = open_world(SNMP_V2C);
	struct agent_request r = {.version = SNMP_V3, .flags = 3, .user_len = 4, .user = "user"};
	static const uint8_t system[] = {0x2b, 6, 1, 2, 1, 1};
	(void)state;
	snmp_request_begin(&r.snmp, SNMP_GETBULK);
	r.snmp.max_repetitions = 6;
	assert_int_equal(snmp_request_add(&r.snmp, (struct oid_ber){system, sizeof system},
				 (struct oid_ber){NULL, 0}, 484),
		0);
	size_t len = agent_respond(answer, &r, &h->engine, &h->recording);
	assert_int_equal(garbage_open(&a, answer, len, NULL, 0), 0);
	assert_int_equal(garbage_open(&b, answer, len, NULL, 0), 0);
	assert_true(garbage_all(&a) >= 10000);
	const uint8_t *x, *y;
	for (size_t i = 0; i < garbage_all(&a); i += 11) {
		enum garbage_class c, again;
		size_t n = garbage_any(&a, i, &x, &c);
		assert_int_equal(garbage_any(&b, i, &y, &again), n);
		assert_int_equal(c, again);
		assert_memory_equal(x, y, n);
		(void)agent_sign(&h->engine, 3, a.out + a.start, n);
	}
	/* Of all tags, each value's own is among them. */
	size_t whole = 0;
	for (size_t i = 0; i < garbage_cases(&a, GARBAGE_TAG); i++) {
		size_t n = garbage_make(&a, GARBAGE_TAG, i, &x);
		whole += n == len && memcmp(x, answer, len) == 0;
	}
	assert_int_equal(whole, a.nodes);
	close_world(h);
}

static void test_garbage_v1(void **state)
{
	(void)state;
	survive(SNMP_V1, false);
}

static void test_garbage_v2c(void **state)
{
	(void)state;
	survive(SNMP_V2C, false);
}

/* Sent without the key: the digest is always wrong. */
static void test_garbage_v3_unsigned(void **state)
{
	(void)state;
	survive(SNMP_V3, false);
}

/* By the printer itself, which signs and encrypts what it damaged. */
static void test_garbage_v3_signed(void **state)
{
	(void)state;
	survive(SNMP_V3, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_are_reproducible),
		cmocka_unit_test(test_garbage_v1),
		cmocka_unit_test(test_garbage_v2c),
		cmocka_unit_test(test_garbage_v3_unsigned),
		cmocka_unit_test(test_garbage_v3_signed),
	};
	return cmocka_run_group_tests_name("snmp/client against garbage", tests, NULL, NULL);
}
