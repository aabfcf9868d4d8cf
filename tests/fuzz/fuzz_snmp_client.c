/* SPDX-License-Identifier: Apache-2.0
 * The whole receive path with a hostile printer: datagrams to the client and libnetsnmp's sessions,
 * varbinds to a reading. Only the sockets are not real: udp.h is played by this file, which sees
 * each request and so can give an input the right identifiers, and SNMPv3 its digest and cipher,
 * so that inputs get deep.
 *
 * An input is a byte of modes and then parts of a conversation, each with a length of two bytes: a
 * datagram as it is, "G" and a case number (tools/sim/garbage.h), or nothing, which stands for the
 * correct response. After any input the client must still accept the correct response to an open
 * request, and nothing may be accepted by SNMPv3 without a valid signature. */
#include "engine/snmp/snmp_client.h"

#include "engine/loop/udp.h"
#include "proto/mib/mib.h"
#include "proto/wire/pack.h"
#include "tests/kit/record_check.h"
#include "tests/hostile/printer.h"
#include "tests/hostile/reader.h"
#include "tools/sim/ber.h"
#include "tools/sim/garbage.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum mode {
	MODE_VERSION = 3,
	MODE_PATCHED = 4,    /* with the identifiers of the open request */
	MODE_SIGNED = 8,     /* SNMPv3: encrypted and signed with the right keys */
	MODE_ELSEWHERE = 16, /* from another address */
	MODE_UNKNOWN = 32    /* SNMPv3: the engine has to be probed for first */
};
enum { PARTS = 3, MAX_BYTES = 2048 };

static struct {
	struct loop *loop;
	struct snmp_client *client;
	udp_on_datagram *on_datagram;
	void *on_datagram_owner;
	struct models models;
	struct slab blocks;
	struct recording walk;
	struct garbage garbage;
	struct snmp_peer peer;
	struct mib_limits memory;
	struct mib_plan plan;
	struct snmp_request next;
	struct reading reading;
	struct agent_engine engine;
	struct usm_user user;
	struct usm_peer known, fresh; /* with stored keys; starts with the probe */
	struct usm_peer *usm;
	struct agent_request request; /* the open one */
	uint8_t request_bytes[LIMIT_REQUEST_BYTES];
	size_t request_len;
	unsigned replies;
	bool is_waiting; /* a request is open */
	bool is_over;    /* the poll plan has ended */
	bool is_lost;    /* the input named another engineID: no response can be made any more */
} f;

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

/* ---- udp.h without sockets ---------------------------------------------------------------- */

int udp_open(struct udp **ret, struct loop *l, size_t sockets, size_t queue,
	udp_on_datagram *on_datagram, void *owner)
{
	(void)l;
	(void)sockets;
	(void)queue;
	*ret = NULL;
	f.on_datagram = on_datagram;
	f.on_datagram_owner = owner;
	return 0;
}

int udp_probe_rcvbuf(size_t *ret_bytes)
{
	*ret_bytes = 212992;
	return 0;
}

int udp_send(struct udp *u, size_t worker, struct udp_send *send)
{
	(void)u;
	(void)worker;
	check(send->len <= sizeof f.request_bytes);
	memcpy(f.request_bytes, send->bytes, send->len);
	f.request_len = send->len;
	f.is_lost = !agent_read(&f.request, &f.engine, send->bytes, send->len);
	check(!f.is_lost || f.usm->engine.id_len != AGENT_ENGINE ||
		memcmp(f.usm->engine.id, f.engine.id, AGENT_ENGINE) != 0);
	return 0;
}

void udp_unsend(struct udp_send *send)
{
	(void)send;
}

void udp_watch_refusals(struct udp *u, udp_on_refused *on_refused)
{
	(void)u;
	(void)on_refused;
}

uint64_t udp_drops(const struct udp *u)
{
	(void)u;
	return 0;
}

size_t udp_memory_ceiling(const struct udp *u)
{
	(void)u;
	return 0;
}

void udp_close(struct udp *u)
{
	(void)u;
}

/* ---- the poll ---------------------------------------------------------------------------- */

static void send_next(void);

static void check_varbinds(const struct snmp_response *reply)
{
	check(reply->count <= LIMIT_VARBINDS);
	for (size_t i = 0; i < reply->count; i++) {
		/* Reads the last bytes: a pointer outside would be found. */
		const struct varbind *vb = &reply->varbinds[i];
		check(vb->name.len > 0 && vb->name.p[vb->name.len - 1] < 0x80);
		check(vb->len == 0 || vb->value[vb->len - 1] <= 0xff);
	}
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	check(owner == &f && f.is_waiting);
	f.is_waiting = false;
	f.replies++;
	check(reply->err == (f.is_lost ? ERR_STOPPED : 0));
	if (f.is_lost)
		return;
	check_varbinds(reply);
	if (reply->error_status == 0)
		mib_add_response(&f.plan, &f.reading, reply->varbinds, reply->count);
	else
		mib_add_error(&f.plan, reply->error_status, reply->error_index);
}

static void send_next(void)
{
	if (mib_next_request(&f.plan, &f.next, LIMIT_REQUEST_FIRST) == 0) {
		f.is_over = true;
		return;
	}
	f.is_waiting = true;
	check(snmp_client_send(f.client, &f.peer, &f.next, on_response, &f) == 0);
}

/* ---- datagrams ---------------------------------------------------------------------------- */

static void deliver(const uint8_t *bytes, size_t len, bool is_from_elsewhere)
{
	/* Exactly as long as it is, so that a byte too far is found. */
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct sockaddr_in from = f.peer.address.in4;
	check(copy != NULL);
	if (len > 0)
		memcpy(copy, bytes, len);
	if (is_from_elsewhere)
		from.sin_addr.s_addr = htonl(0x7f000042);
	f.on_datagram(f.on_datagram_owner, copy, len, (const struct sockaddr *)&from);
	free(copy);
}

static void put_id(const struct ber_in *at, uint8_t *bytes, uint32_t id)
{
	uint8_t *p = bytes + (at->p - bytes);
	if (at->end - at->p == 4)
		for (unsigned i = 0; i < 4; i++)
			p[i] = (uint8_t)(id >> (24 - 8 * i));
}

static void patch_pdu(struct ber_in *in, uint8_t *bytes)
{
	struct ber_in pdu, id;
	uint8_t tag;
	if (ber_take_any(in, &tag, &pdu) == 0 && ber_take(&pdu, BER_INTEGER, &id) == 0)
		put_id(&id, bytes, f.request.id);
}

/* Puts the open request's identifiers where a message has four bytes for them. */
static void patch(uint8_t *bytes, size_t len)
{
	struct ber_in all = {bytes, bytes + len}, message, part, id, scoped;
	if (ber_take(&all, BER_SEQUENCE, &message) < 0 ||
		ber_take(&message, BER_INTEGER, &part) < 0)
		return;
	if (f.peer.version != SNMP_V3) {
		if (ber_take(&message, BER_OCTETS, &part) == 0)
			patch_pdu(&message, bytes);
		return;
	}
	if (ber_take(&message, BER_SEQUENCE, &part) < 0 || ber_take(&part, BER_INTEGER, &id) < 0)
		return;
	put_id(&id, bytes, f.request.msg_id);
	if (ber_take(&message, BER_OCTETS, &part) < 0)
		return;
	if (ber_take(&message, BER_OCTETS, &part) == 0)
		message = part;
	if (ber_take(&message, BER_SEQUENCE, &scoped) == 0 &&
		ber_take(&scoped, BER_OCTETS, &part) == 0 &&
		ber_take(&scoped, BER_OCTETS, &part) == 0)
		patch_pdu(&scoped, bytes);
}

/* The correct response, not signed. The varbinds of a request are made once. */
static size_t make_truth(uint8_t bytes[AGENT_BYTES])
{
	enum { CACHED = 64 };
	static struct cached {
		struct snmp_request snmp;
		size_t len;
		uint8_t list[AGENT_BYTES];
	} cache[CACHED];
	static size_t count;
	const struct snmp_request *q = &f.request.snmp;
	struct cached *k = cache;
	while (k < cache + count &&
		(k->snmp.pdu != q->pdu || k->snmp.max_repetitions != q->max_repetitions ||
			k->snmp.ber_len != q->ber_len ||
			memcmp(k->snmp.ber, q->ber, q->ber_len) != 0))
		k++;
	if (k == cache + count) {
		k = &cache[count < CACHED ? count++ : 0];
		k->snmp = *q;
		k->len = agent_list(k->list, q, &f.walk);
	}
	return agent_message(bytes, &f.request, &f.engine, SNMP_RESPONSE, k->list, k->len);
}

/* A signed clock of the printer is accepted: this restores the right one. */
static void set_clock(void)
{
	f.usm->engine.boots = f.engine.boots;
	f.usm->engine.time = f.engine.time;
	f.usm->engine.at_ms = loop_now_ms(f.loop);
	f.usm->engine.is_time_trusted = true;
}

static void send_truth(void)
{
	enum { UNKNOWN_ENGINE = 4 };
	uint8_t bytes[AGENT_BYTES];
	if (f.peer.version == SNMP_V3 && f.request.engine_len == 0) {
		size_t n = agent_report(bytes, &f.request, &f.engine, UNKNOWN_ENGINE);
		deliver(bytes, n, false);
		check(f.request.engine_len > 0);
	}
	if (f.peer.version == SNMP_V3)
		set_clock();
	size_t len = make_truth(bytes);
	if (f.peer.version == SNMP_V3)
		check(agent_sign(&f.engine, f.request.flags, bytes, len));
	deliver(bytes, len, false);
}

static void send_part(const uint8_t *p, size_t n, unsigned mode)
{
	static uint8_t bytes[GARBAGE_BYTES];
	uint8_t answer[AGENT_BYTES];
	if (n == 0) {
		send_truth();
		return;
	}
	if (n == 4 && p[0] == 'G') {
		const uint8_t *made;
		size_t len = make_truth(answer);
		check(garbage_open(&f.garbage, answer, len, f.request_bytes, f.request_len) == 0);
		n = garbage_any(
			&f.garbage, (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3], &made, NULL);
		n = n < LIMIT_DATAGRAM ? n : LIMIT_DATAGRAM;
		memcpy(bytes, made, n);
	} else {
		n = n < LIMIT_DATAGRAM ? n : LIMIT_DATAGRAM;
		memcpy(bytes, p, n);
		if ((mode & MODE_PATCHED) != 0)
			patch(bytes, n);
	}
	bool is_signed = (mode & MODE_SIGNED) != 0;
	if (f.peer.version == SNMP_V3 && is_signed)
		(void)agent_sign(&f.engine, f.request.flags, bytes, n);
	unsigned before = f.replies;
	deliver(bytes, n, (mode & MODE_ELSEWHERE) != 0);
	if (f.replies > before) {
		/* From elsewhere only with a valid HMAC. */
		check((mode & MODE_ELSEWHERE) == 0 || f.peer.version == SNMP_V3);
		check(f.peer.version != SNMP_V3 || is_signed);
	}
}

/* ---- one input ---------------------------------------------------------------------------- */

static void open_v3(void)
{
	check(reader_open(&f.engine, &f.user) == 0);
	usm_peer_init(&f.known, &f.user, NULL, 0);
}

static void open_once(void)
{
	if (f.loop != NULL)
		return;
	check(loop_open(&f.loop, 64) == 0);
	open_v3();
	check(hostile_open(&f.models, &f.walk) == 0);
	check(slab_open(&f.blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) == 0);
	f.peer.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(161),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	f.peer.community = "public";
	f.peer.community_len = 6;
}

static void begin_v3(unsigned mode)
{
	f.peer.usm = f.usm = (mode & MODE_UNKNOWN) != 0 ? &f.fresh : &f.known;
	if (f.usm == &f.fresh) {
		usm_peer_init(&f.fresh, &f.user, NULL, 0);
		return;
	}
	reader_know(f.usm, &f.engine, loop_now_ms(f.loop));
}

static void converse(const uint8_t *data, size_t size, unsigned mode)
{
	for (unsigned i = 0; i < PARTS && size > 0 && !f.is_over && !f.is_lost; i++) {
		size_t n = size >= 2 ? (size_t)data[0] << 8 | data[1] : 0;
		data += size >= 2 ? 2 : size;
		size -= size >= 2 ? 2 : size;
		n = n < size ? n : size;
		send_part(data, n, mode);
		data += n;
		size -= n;
		if (!f.is_waiting)
			send_next();
	}
}

static void check_reading(void)
{
	struct record_head head = {
		.seq = 1, .address = TEXT("127.0.0.1:161"), .device_key = TEXT("serial:x")};
	static uint8_t memory[LIMIT_RECORD];
	struct buf packed;
	buf_over(&packed, memory, sizeof memory);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		check(f.reading.group[g].status < GROUP_STATUS_COUNT);
	int n = record_pack(&packed, &head, &f.reading, (1u << GROUP_COUNT) - 1);
	check(n < 0 || record_check(memory, packed.len) == (int)packed.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version[] = {SNMP_V1, SNMP_V2C, SNMP_V3, SNMP_V3};
	struct snmp_client_options o = {.window = 2, .deadline_ms = 3600000, .tries = 1};
	open_once();
	if (size < 1 || size > MAX_BYTES)
		return 0;
	check(snmp_client_open(&f.client, f.loop, &o) == 0);
	f.peer.version = version[data[0] & MODE_VERSION];
	f.peer.srtt_ms = f.peer.rttvar_ms = 0;
	f.is_over = f.is_waiting = f.is_lost = false;
	memset(&f.memory, 0, sizeof f.memory);
	f.peer.usm = NULL;
	if (f.peer.version == SNMP_V3)
		begin_v3(data[0]);
	reading_open(&f.reading, &f.blocks);
	mib_begin(&f.plan, &f.memory, (enum snmp_version)f.peer.version, &f.models, false);
	send_next();
	converse(data + 1, size - 1, data[0]);
	if (f.is_waiting && !f.is_lost) {
		send_truth();
		check(!f.is_waiting);
	}
	check(snmp_client_in_flight(f.client) == f.is_lost);
	mib_abort(&f.plan);
	/* The conclusions are half of the time, and one reading is much like another. */
	if (size % 8 == 0) {
		mib_end(&f.plan, &f.reading);
		check_reading();
	}
	reading_close(&f.reading);
	snmp_client_close(f.client);
	if (f.peer.usm == &f.fresh)
		usm_peer_close(&f.fresh);
	return 0;
}
