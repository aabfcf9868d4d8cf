/* SPDX-License-Identifier: Apache-2.0
 * The sockets: several on one port, bound to the loopback device, read and written in batches. An
 * answer leaves from the address that was asked, after the latency that the options ask for. Loss
 * is decided once for the request and once for the answer. */
#ifndef PLATEN_SIM_NET_H
#define PLATEN_SIM_NET_H

#include "tools/sim/answer.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NET_SOCKETS = 64,
	NET_BATCH = 64,
	NET_WAITING = 1 << 18, /* answers that wait for their latency; more are dropped, counted */
	NET_SLOTS = 32768,     /* of the wheel of waiting answers */
	NET_V6 = 512,          /* printers with a port on ::1 */
	NET_SLOT_US = 500
};

struct net_options {
	uint16_t port; /* 0: the kernel chooses */
	unsigned sockets;
	uint64_t latency_us;
	uint64_t jitter_us;
	double loss_percent;  /* each way */
	uint64_t patience_ms; /* an asker waits no longer for an answer; 0: for ever */
	unsigned v6;          /* the first so many printers have a port on ::1 */
};

struct net_counts {
	uint64_t received, sent;
	uint64_t received6;         /* of those, over IPv6 */
	uint64_t forged;            /* sent besides */
	uint64_t first_ms, last_ms; /* when the first and the last one came */
	uint64_t lost_in, lost_out; /* on purpose */
	uint64_t send_failed;
	uint64_t waiting_full;
	uint64_t cut; /* longer than ANSWER_REQUEST */
};

struct net;

/* On error, `why` says which step failed. */
struct net *net_open(struct answerer *a, const struct net_options *o, char why[LIMIT_WHY]) MUST_USE;
void net_close(struct net *n);

uint16_t net_port(const struct net *n);
/* Of printer 0 on ::1; the others follow. 0: there are none. */
uint16_t net_port6(const struct net *n);
/* The effective receive buffer of one socket. */
int net_receive_bytes(const struct net *n);
/* One descriptor that is readable while there is work: nested epoll. */
int net_fd(const struct net *n);
/* Does what is due: receives, answers, sends. */
void net_work(struct net *n);
/* Sends bytes from the address (host order) of a device, or from beside it, now. */
void net_forge(struct net *n, uint32_t from, const struct sockaddr_in *peer, const uint8_t *bytes,
	size_t len, enum forge_way way);
/* Datagrams that the kernel dropped because a receive buffer was full. */
uint64_t net_kernel_drops(const struct net *n);
const struct net_counts *net_counts(const struct net *n);

/* Unix milliseconds; never goes back within one process. */
uint64_t net_clock_ms(void);

#endif
