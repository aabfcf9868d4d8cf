/* SPDX-License-Identifier: Apache-2.0
 * The sockets: several on one port, bound to the loopback device, read and written in batches. A
 * response leaves from the request's destination address, after the latency of the options.
 * Requests and responses are lost independently. */
#ifndef PLATEN_SIM_NET_H
#define PLATEN_SIM_NET_H

#include "tools/sim/responder.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NET_SOCKETS = 64,
	NET_BATCH = 64,
	NET_WAITING =
		1 << 18,   /* responses that wait for their latency; more are dropped and counted */
	NET_SLOTS = 32768, /* of the timer wheel */
	NET_V6 = 512,      /* printers with a port on ::1 */
	NET_SLOT_US = 500
};

struct net_options {
	uint16_t port; /* 0: the kernel chooses */
	unsigned sockets;
	uint64_t latency_us;
	uint64_t jitter_us;
	double loss_percent;        /* of the requests, and of the responses */
	uint64_t client_timeout_ms; /* a response later than this is not in flight; 0: none */
	unsigned v6;                /* number of printers, from the first, with a port on ::1 */
};

struct net_counts {
	uint64_t received, sent;
	uint64_t received6;         /* part of `received` */
	uint64_t forged;            /* not in `sent` */
	uint64_t first_ms, last_ms; /* time of the first and the last datagram received */
	uint64_t lost_in, lost_out; /* dropped by --loss */
	uint64_t send_failed;
	uint64_t waiting_full;
	uint64_t cut; /* received datagrams longer than REQUEST_BYTES_MAX */
};

struct net;

/* On error, `why` says which step failed. */
struct net *net_open(
	struct responder *a, const struct net_options *o, char why[LIMIT_WHY]) MUST_USE;
void net_close(struct net *n);

uint16_t net_port(const struct net *n);
/* Port of printer 0 on ::1; the others follow. 0: none. */
uint16_t net_port6(const struct net *n);
/* The effective receive buffer of one socket. */
int net_receive_bytes(const struct net *n);
/* One descriptor that is readable while there is work: nested epoll. */
int net_fd(const struct net *n);
/* Receives, responds and sends what is due. */
void net_work(struct net *n);
/* Sends bytes at once, from the address (host order) of a device or as `way` says. */
void net_forge(struct net *n, uint32_t from, const struct sockaddr_in *peer, const uint8_t *bytes,
	size_t len, enum forge_way way);
/* Datagrams that the kernel dropped because a receive buffer was full. */
uint64_t net_kernel_drops(const struct net *n);
const struct net_counts *net_counts(const struct net *n);

/* Unix milliseconds; never goes back within one process. */
uint64_t net_clock_ms(void);

#endif
