/* SPDX-License-Identifier: Apache-2.0
 * Shared by net.c (sockets, what comes in) and net_out.c (what goes out, and when). */
#ifndef PLATEN_SIM_NET_INTERNAL_H
#define PLATEN_SIM_NET_INTERNAL_H

#include "proto/base/slab.h"
#include "tools/sim/net.h"

#include <sys/socket.h>

enum { NET_CONTROL_BYTES = CMSG_SPACE(sizeof(struct in_pktinfo)) };

/* Where an answer goes, and from where. */
struct route {
	int fd;        /* -1: any of the sockets that share the port */
	uint32_t from; /* the printer's address, network order; not with IPv6 */
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} peer;
};

/* An answer that waits: in a slot's list, its bytes behind it. */
struct waiting {
	struct waiting *next;
	uint64_t due_us;
	struct ledger *ledger; /* counts it as being on its way; NULL: a copy */
	struct route route;
	uint32_t len;
	bool is_big; /* of the heap, not of the slab */
	uint8_t bytes[];
};

struct slot {
	struct waiting *first, *last;
};

/* Messages that leave together. */
struct out {
	struct mmsghdr msg[NET_BATCH];
	struct iovec iov[NET_BATCH];
	struct sockaddr_in peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[NET_BATCH][NET_CONTROL_BYTES];
	unsigned count;
};

struct net {
	struct answerer *answerer;
	struct net_options options;
	struct net_counts counts;
	int epoll, timer;
	int socket[NET_SOCKETS];
	int stray; /* on a port of its own, for answers from a wrong one */
	int socket6[NET_V6];
	uint16_t port, port6;
	int receive_bytes;
	uint64_t random;
	uint64_t armed_us; /* when the timer goes off; 0: not armed */
	uint64_t wheel_us; /* start of the next slot to look at */
	uint64_t batches;  /* that left */
	size_t waiting_count;
	size_t waiting_bytes; /* of one answer in the slab */
	struct slab waiting;
	struct slot slots[NET_SLOTS];
	struct mmsghdr in_msg[NET_BATCH];
	struct iovec in_iov[NET_BATCH];
	struct sockaddr_in in_peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t in_control[NET_BATCH][NET_CONTROL_BYTES];
	uint8_t in_bytes[NET_BATCH][ANSWER_REQUEST];
	struct out out;
	size_t room; /* bytes of one answer with what answer_make needs around it */
	uint8_t *out_bytes;
	uint8_t big[ANSWER_BIG];   /* one answer that is sent at once */
	const struct route *asked; /* by the question under way */
};

uint64_t net_clock_us(void);
uint64_t net_random(struct net *n);
bool net_is_lost(struct net *n);

/* net_out.c */
int net_out_open(struct net *n, char why[LIMIT_WHY]) MUST_USE;
void net_out_close(struct net *n);
/* Sends an answer at once or after its time. `is_kept`: its bytes stay until the next flush. */
void net_send(struct net *n, const struct route *r, const struct answer *ans, bool is_kept,
	uint64_t *now_us);
void net_flush(struct net *n);
void net_turn_wheel(struct net *n);
/* A forged answer leaves now: what answer_make calls. */
void net_send_forged(void *owner, const uint8_t *bytes, size_t len, enum forge_way way);

#endif
