/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hostile/forger.h"

#include "engine/fleet/profile.h"
#include "engine/loop/loop_internal.h"
#include "proto/recording/recording.h"
#include "tests/hostile/reader.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const uint8_t sys_uptime[] = {0x2b, 6, 1, 2, 1, 1, 3, 0};
static const char recording[] = "1.3.6.1.2.1.1.3.0|67|7\n1.3.6.1.2.1.1.7.0|2|72\n";
static const uint8_t lie[] = {0x30, 14, 0x06, 8, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x43, 2, 0x02, 0x9a};
static const uint8_t lie_elsewhere[] = {
	0x30, 14, 0x06, 8, 0x2b, 6, 1, 2, 1, 1, 7, 0, 0x43, 2, 0x02, 0x9a};
static const uint8_t lie_twice[] = {0x30, 14, 0x06, 8, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x43, 2, 0x02,
	0x9a, 0x30, 14, 0x06, 8, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x43, 2, 0x02, 0x9a};

/* ---- the classes -------------------------------------------------------------------------- */

enum { OLD = 1u << SNMP_V1 | 1u << SNMP_V2C, V3 = 1u << SNMP_V3, ALL = OLD | V3 };
enum { REPORT = 0xa8, TRAP_V1 = 0xa4, INFORM = 0xa6, TRAP = 0xa7 };

/* With SNMPv3 without a valid HMAC: with one, it is the printer's from wherever it comes. */
static void without_a_key(struct forged *f, size_t n)
{
	f->engine.auth_key[n % AGENT_KEY] ^= 1;
	f->is_signed = n % 2 == 0;
	if (!f->is_signed)
		f->request.flags = 0;
}

static void from_another_host(struct forged *f, const struct forger *h, size_t n)
{
	f->fd = h->other_host_fd;
	without_a_key(f, n);
}

static void from_another_port(struct forged *f, const struct forger *h, size_t n)
{
	f->fd = h->other_port_fd;
	without_a_key(f, n);
}

/* A guess of the identifier: never the true one. */
static void with_another_id(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->request.id = (f->request.id + 1 + (uint32_t)n * 7919u) & 0x7fffffff;
	f->request.msg_id = (f->request.msg_id + 1 + (uint32_t)n * 7919u) & 0x7fffffff;
	f->request.id |= 0x10000;
	f->request.msg_id |= 0x10000;
}

static void in_another_version(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	(void)n;
	if (f->request.version == SNMP_V3)
		f->request.id = f->request.msg_id; /* by which the request is found */
	f->request.version = f->request.version == SNMP_V2C ? SNMP_V1 : SNMP_V2C;
	f->request.community_len = 6;
	memcpy(f->request.community, "public", 6);
}

static void in_another_community(struct forged *f, const struct forger *h, size_t n)
{
	static const char *const guesses[] = {
		"", "publi", "publix", "public1", "private", "Public"};
	const char *guess = guesses[n % (sizeof guesses / sizeof guesses[0])];
	(void)h;
	f->request.community_len = (uint8_t)strlen(guess);
	memcpy(f->request.community, guess, strlen(guess));
}

static void with_another_pdu(struct forged *f, const struct forger *h, size_t n)
{
	/* Ends with a REPORT: signed ones cannot be forged (as_a_report has the others). */
	static const uint8_t types[] = {SNMP_GET, SNMP_GETNEXT, SNMP_SET, TRAP_V1, SNMP_GETBULK,
		INFORM, TRAP, 0xa9, REPORT};
	f->pdu = types[n % (sizeof types - (h->peer.version == SNMP_V3 ? 1 : 0))];
}

static void of_another_object(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->list = n % 2 == 0 ? lie_elsewhere : lie_twice;
	f->list_len = n % 2 == 0 ? sizeof lie_elsewhere : sizeof lie_twice;
}

static void as_an_earlier_response(struct forged *f, const struct forger *h, size_t n)
{
	(void)f; /* the bytes are sent as they were */
	(void)h;
	(void)n;
}

/* ---- of SNMPv3 ---------------------------------------------------------------------------- */

static void without_security(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	(void)n;
	f->is_signed = false;
	f->request.flags = 0;
}

/* Authenticated but not encrypted, as with the authentication passphrase only. */
static void without_privacy(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	(void)n;
	f->request.flags = AGENT_FLAG_AUTH;
}

static void of_another_engine(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->engine.id[5 + n % 8] ^= 1;
}

static void by_another_user(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->request.user[n % f->request.user_len] ^= 1;
}

static void with_another_key(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->engine.auth_key[n % AGENT_KEY] ^= 1;
}

/* Encrypted with another privacy key: decryption gives noise. */
static void with_another_cipher(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->engine.priv_key[n % 16] ^= 1;
}

static void in_another_context(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	(void)n;
	f->request.context_len = 9;
	memcpy(f->request.context, "Jetdirect", 9);
}

/* A recording with its clock put right, which the digest does not survive. */
static void at_another_time(struct forged *f, const struct forger *h, size_t n)
{
	with_another_key(f, h, n);
	if (n % 2 == 0)
		f->engine.boots += n % 4 == 0 ? 1u : -1u;
	else
		f->engine.time += n % 4 == 1 ? 200u : -200u;
}

/* The right key, the right msgID, another request-id: the response to another request. */
static void with_another_request_id(struct forged *f, const struct forger *h, size_t n)
{
	(void)h;
	f->request.id = (f->request.id + 1 + (uint32_t)n) & 0x7fffffff;
}

static void as_a_report(struct forged *f, const struct forger *h, size_t n)
{
	static uint8_t row[] = {0x30, 15, 0x06, 10, 0x2b, 6, 1, 6, 3, 15, 1, 1, 0, 0, 0x41, 1, 1};
	(void)h;
	row[12] = (uint8_t)(1 + n % 6); /* each of usmStats in turn */
	f->list = row;
	f->list_len = sizeof row;
	f->pdu = REPORT;
	f->is_signed = false;
	f->request.flags = 0;
}

#define COUNTER(name) offsetof(struct snmp_client_counters, name)
const struct forgery forgeries[] = {
	{"wrong source address", ALL, COUNTER(stray_source), from_another_host},
	{"wrong source port", ALL, COUNTER(stray_source), from_another_port},
	{"wrong request-id or msgID", ALL, COUNTER(stray_id), with_another_id},
	{"replay of an earlier response", ALL, COUNTER(stray_id), as_an_earlier_response},
	{"wrong version", ALL, COUNTER(stray_version), in_another_version},
	{"wrong community", OLD, COUNTER(stray_community), in_another_community},
	{"PDU of another type", ALL, COUNTER(stray_type), with_another_pdu},
	{"objects that were not requested", ALL, COUNTER(stray_oid), of_another_object},
	{"no security", V3, COUNTER(stray_level), without_security},
	{"no privacy", V3, COUNTER(stray_level), without_privacy},
	{"another engineID", V3, COUNTER(stray_engine), of_another_engine},
	{"another user", V3, COUNTER(stray_user), by_another_user},
	{"wrong digest", V3, COUNTER(stray_digest), with_another_key},
	{"wrong cipher", V3, COUNTER(stray_cipher), with_another_cipher},
	{"another context", V3, COUNTER(stray_context), in_another_context},
	{"another time", V3, COUNTER(stray_digest), at_another_time},
	{"another request-id within", V3, COUNTER(stray_id), with_another_request_id},
	{"flood of unsigned reports", V3, COUNTER(reports), as_a_report},
};
const size_t forgery_count = sizeof forgeries / sizeof forgeries[0];

uint64_t forger_counter(const struct forger *h, const struct forgery *forgery)
{
	uint64_t value;
	const char *counters = (const char *)snmp_client_counters(h->client);
	memcpy(&value, counters + forgery->counter, sizeof value);
	return value;
}

/* ---- the two senders ---------------------------------------------------------------------- */

static void send_forgery(
	struct forger *h, const struct agent_request *r, const struct sockaddr_in *to)
{
	struct forged f = {.request = *r,
		.engine = h->engine,
		.pdu = SNMP_RESPONSE,
		.list = lie,
		.list_len = sizeof lie,
		.is_signed = r->version == SNMP_V3,
		.fd = h->printer_fd};
	uint8_t made[AGENT_BYTES];
	const uint8_t *bytes = made;
	h->forgery->make(&f, h, h->sent);
	if (h->sender_fd >= 0)
		f.fd = h->sender_fd;
	size_t len = agent_message(made, &f.request, &f.engine, f.pdu, f.list, f.list_len);
	if (f.is_signed && f.request.version == SNMP_V3)
		assert_true(agent_sign(&f.engine, f.request.flags, made, len));
	if (h->forgery->make == as_an_earlier_response) {
		bytes = h->earlier;
		len = h->earlier_len;
	}
	assert_int_equal(sendto(f.fd, bytes, len, 0, (const struct sockaddr *)to, sizeof *to), len);
	h->sent++;
}

static void on_request(uv_poll_t *poll, int status, int events)
{
	struct forger *h = poll->data;
	uint8_t in[AGENT_BYTES], out[AGENT_BYTES];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	struct agent_request r;
	assert_int_equal(status, 0);
	assert_true((events & UV_READABLE) != 0);
	ssize_t n = recvfrom(h->printer_fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_len);
	assert_true(n > 0 && agent_read(&r, &h->engine, in, (size_t)n));
	/* After a long silence the client sends a request without privacy, to find a wrong privacy
	 * key: it gets no response here. */
	if (r.version == SNMP_V3 && (r.flags & AGENT_FLAG_PRIV) == 0)
		return;
	/* The first request gets its response at once: a replay needs one. */
	for (size_t i = 0; i < FORGER_BURST && h->earlier_len > 0 && h->sent < h->wanted; i++)
		send_forgery(h, &r, &from);
	size_t len = agent_respond(out, &r, &h->engine, &h->recording);
	if (r.version == SNMP_V3)
		assert_true(agent_sign(&h->engine, r.flags, out, len));
	memcpy(h->earlier, out, len);
	h->earlier_len = len;
	assert_int_equal(
		sendto(h->printer_fd, out, len, 0, (struct sockaddr *)&from, from_len), len);
}

/* ---- the client --------------------------------------------------------------------------- */

static void send_next(struct forger *h);

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct forger *h = owner;
	uint64_t value = 0;
	if (reply->err != 0)
		h->failures++;
	else if (reply->count > 0 && varbind_unsigned(&reply->varbinds[0], &value) == 0)
		value == FORGER_TRUTH ? h->truths++ : h->lies++;
	else
		h->lies++;
	if (h->sent < h->wanted)
		send_next(h);
	else
		loop_stop(h->loop);
}

static void send_next(struct forger *h)
{
	struct snmp_request q;
	snmp_request_begin(&q, SNMP_GET);
	assert_int_equal(snmp_request_add(&q, (struct oid_ber){sys_uptime, sizeof sys_uptime},
				 (struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST),
		0);
	assert_int_equal(snmp_client_send(h->client, &h->peer, &q, on_response, h), 0);
}

void forger_run(struct forger *h, const struct forgery *forgery, size_t count)
{
	h->forgery = forgery;
	h->wanted = count;
	h->sent = h->truths = h->lies = h->failures = 0;
	h->earlier_len = 0;
	send_next(h);
	assert_int_equal(loop_run(h->loop), 0);
	assert_int_equal(h->sent, count);
}

/* ---- the world ---------------------------------------------------------------------------- */

static int open_udp(uint32_t host, uint16_t port, struct sockaddr_in *ret)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof *ret;
	*ret = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(host), .sin_port = port};
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)ret, sizeof *ret), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret, &len), 0);
	return fd;
}

static void open_v3(struct forger *h)
{
	assert_int_equal(reader_open(&h->engine, &h->user), 0);
	usm_peer_init(&h->usm, &h->user, NULL, 0);
	reader_know(&h->usm, &h->engine, loop_now_ms(h->loop));
	h->peer.usm = &h->usm;
}

static bool have_any(const struct conf_nets *nets, const struct sockaddr *sa)
{
	return nets != NULL && sa != NULL;
}

static const struct snmp_client_options options = {
	.window = 2, .deadline_ms = 30000, .tries = 1, .nets_have = have_any};

void forger_open(struct forger *h, enum snmp_version version)
{
	struct sockaddr_in other;
	char why[LIMIT_WHY];
	memset(h, 0, sizeof *h);
	assert_int_equal(loop_open(&h->loop, 64), 0);
	h->sender_fd = -1;
	assert_int_equal(snmp_client_open(&h->client, h->loop, &options), 0);
	assert_int_equal(recording_parse(&h->recording, RECORDING_SNMPREC, RECORDING_KEEP_FIRST,
				 recording, sizeof recording - 1, why),
		0);
	h->printer_fd = open_udp(INADDR_LOOPBACK, 0, &h->peer.address.in4);
	h->other_port_fd = open_udp(INADDR_LOOPBACK, 0, &other);
	h->other_host_fd = open_udp(0x7f000042, h->peer.address.in4.sin_port, &other);
	assert_int_equal(uv_poll_init(loop_uv(h->loop), &h->poll, h->printer_fd), 0);
	h->poll.data = h;
	assert_int_equal(uv_poll_start(&h->poll, UV_READABLE, on_request), 0);
	h->peer.version = (uint8_t)version;
	h->peer.community = "public";
	h->peer.community_len = 6;
	if (version == SNMP_V3)
		open_v3(h);
}

void forger_restart(struct forger *h)
{
	struct device before = {.peer = h->peer}, after = {.peer = h->peer};
	struct device_profile saved = *profile_current(&before);
	device_profile_to_wall(&saved, loop_now_ms(h->loop), loop_wall_ms(h->loop));
	snmp_client_close(h->client);
	assert_int_equal(snmp_client_open(&h->client, h->loop, &options), 0);
	h->peer.srtt_ms = h->peer.rttvar_ms = 0;
	h->peer.stray_logged_ms = 0;
	if (h->peer.usm != NULL) {
		usm_peer_close(&h->usm);
		usm_peer_init(&h->usm, &h->user, NULL, 0);
	}
	after.peer = h->peer;
	after.profile = saved;
	device_profile_from_wall(&after.profile, loop_now_ms(h->loop), loop_wall_ms(h->loop));
	profile_apply(&after);
	h->peer = after.peer;
}

void forger_close(struct forger *h)
{
	snmp_client_close(h->client);
	uv_close((uv_handle_t *)&h->poll, NULL);
	assert_int_equal(loop_run(h->loop), 0);
	if (h->peer.usm != NULL) {
		usm_peer_close(&h->usm);
		usm_user_close(&h->user);
	}
	assert_int_equal(loop_close(h->loop), 0);
	assert_int_equal(close(h->printer_fd), 0);
	assert_int_equal(close(h->other_port_fd), 0);
	assert_int_equal(close(h->other_host_fd), 0);
	recording_close(&h->recording);
}
