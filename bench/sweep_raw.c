/* SPDX-License-Identifier: Apache-2.0
 * The limit of this machine: the same requests without understanding them. Each printer is sent a
 * canned GETBULK of 20 varbinds as soon as the last response came; only the first bytes of a
 * response and its source are looked at. */
#include "bench/sweep.h"

#include "bench/common.h"

#include "engine/snmp/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, RESPONSE = 2048, RCVBUF = 4 << 20, QUIET_MS = 2000 };

struct raw {
	const struct sweep_target *target;
	int fd;
	uint8_t request[LIMIT_REQUEST_BYTES];
	size_t request_len;
	uint16_t *done;
	size_t *ready; /* printers to be polled next */
	size_t ready_len;
	struct sockaddr_in *address;
	uint8_t responses[BATCH][RESPONSE];
};

static int make_request(struct raw *r)
{
	/* xcmHrDevDetailValueInteger.1.20: the usage counters of a Xerox, one column. */
	static const uint8_t column[] = {
		0x2b, 6, 1, 4, 1, 0x81, 0x7d, 8, 0x35, 0x0d, 2, 1, 6, 1, 20};
	struct snmp_request q;
	struct oid_ber oid = {column, sizeof column}, none = {NULL, 0};
	snmp_request_begin(&q, SNMP_GETBULK);
	q.max_repetitions = (uint16_t)r->target->varbinds;
	if (snmp_request_add(&q, oid, none, LIMIT_REQUEST_BYTES) < 0)
		return -1;
	int n = snmp_message_encode(
		r->request, sizeof r->request, SNMP_V2C, "public", 6, 0x1234567, &q, NULL);
	r->request_len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : -1;
}

static void send_ready(struct raw *r, struct sweep_round *round)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov = {r->request, r->request_len};
	while (r->ready_len > 0) {
		unsigned n = 0;
		for (; n < BATCH && n < r->ready_len; n++)
			msgs[n] = (struct mmsghdr){
				.msg_hdr = {
					.msg_name = &r->address[r->ready[r->ready_len - 1 - n]],
					.msg_namelen = sizeof r->address[0],
					.msg_iov = &iov,
					.msg_iovlen = 1,
				}};
		int sent = sendmmsg(r->fd, msgs, n, 0);
		if (sent <= 0)
			return;
		r->ready_len -= (size_t)sent;
		round->sent += (uint64_t)sent;
	}
}

static int receive(struct raw *r, struct sweep_round *round)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in from[BATCH];
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){r->responses[i], RESPONSE};
		msgs[i] = (struct mmsghdr){.msg_hdr = {
						   .msg_name = &from[i],
						   .msg_namelen = sizeof from[i],
						   .msg_iov = &iov[i],
						   .msg_iovlen = 1,
					   }};
	}
	int n = recvmmsg(r->fd, msgs, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		size_t printer = ntohl(from[i].sin_addr.s_addr) - ntohl(r->target->first.s_addr);
		if (printer >= r->target->printers || msgs[i].msg_len < 100 ||
			r->responses[i][0] != 0x30) {
			round->wrong++;
			continue;
		}
		round->pairs++;
		if (++r->done[printer] < r->target->pairs)
			r->ready[r->ready_len++] = printer;
		else
			round->complete++;
	}
	return n;
}

static int run(struct raw *r, struct sweep_round *round)
{
	size_t n = r->target->printers;
	for (size_t i = 0; i < n; i++) {
		r->ready[r->ready_len++] = i;
		r->address[i] = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(r->target->port),
			.sin_addr.s_addr = htonl(ntohl(r->target->first.s_addr) + (uint32_t)i)};
	}
	double cpu = bench_cpu_s(0), wall = bench_now_s();
	send_ready(r, round);
	while (round->complete < n) {
		struct pollfd p = {.fd = r->fd, .events = POLLIN};
		if (poll(&p, 1, QUIET_MS) <= 0)
			break; /* responses were lost: the round says so by its count */
		while (receive(r, round) == BATCH)
			send_ready(r, round);
		send_ready(r, round);
	}
	round->wall_s = bench_now_s() - wall;
	round->cpu_s = bench_cpu_s(0) - cpu;
	round->varbinds = round->pairs * r->target->varbinds;
	return round->complete == n ? 0 : -1;
}

int sweep_raw_round(const struct sweep_target *t, struct sweep_round *ret)
{
	struct raw *r = calloc(1, sizeof *r);
	int size = RCVBUF, whole = IP_PMTUDISC_PROBE, result = -1;
	*ret = (struct sweep_round){0};
	if (r == NULL)
		return -1;
	r->target = t;
	r->done = calloc(t->printers, sizeof *r->done);
	r->ready = calloc(t->printers, sizeof *r->ready);
	r->address = calloc(t->printers, sizeof *r->address);
	r->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (r->done != NULL && r->ready != NULL && r->address != NULL && r->fd >= 0 &&
		setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) == 0 &&
		setsockopt(r->fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole) == 0 &&
		make_request(r) == 0)
		result = run(r, ret);
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r->done);
	free(r->ready);
	free(r->address);
	free(r);
	return result;
}
