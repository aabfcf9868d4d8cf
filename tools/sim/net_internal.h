/* SPDX-License-Identifier: Apache-2.0
 * Shared by net.c (sockets, receiving) and net_out.c (latency, sending). */
#ifndef PLATEN_SIM_NET_INTERNAL_H
#define PLATEN_SIM_NET_INTERNAL_H

#include "proto/base/slab.h"
#include "tools/sim/net.h"

#include <sys/socket.h>

enum { NET_CONTROL_BYTES = CMSG_SPACE(sizeof(struct in_pktinfo)) };

/* Source and destination of a response. */
struct route {
	int fd;        /* -1: any of the sockets that share the port */
	uint32_t from; /* the printer's address, network order; not with IPv6 */
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} peer;
};

/* A response that waits for its latency, in the list of a wheel slot; its bytes follow. */
struct waiting {
	struct waiting *next;
	uint64_t due_us;
	struct traffic *traffic; /* counts it as waiting; NULL: a copy */
	struct route route;
	uint32_t len;
	bool is_big; /* allocated on the heap, not in the slab */
	uint8_t bytes[];
};

struct slot {
	struct waiting *first, *last;
};

/* A batch of messages for sendmmsg. */
struct out {
	struct mmsghdr msg[NET_BATCH];
	struct iovec iov[NET_BATCH];
	struct sockaddr_in peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[NET_BATCH][NET_CONTROL_BYTES];
	unsigned count;
};

struct net {
	struct responder *responder;
	struct net_options options;
	struct net_counts counts;
	int epoll, timer;
	int socket[NET_SOCKETS];
	int stray; /* bound to another port, for FAULT_WRONG_PORT and FAULT_FORGE_PORT */
	int socket6[NET_V6];
	uint16_t port, port6;
	int receive_bytes;
	uint64_t random;
	uint64_t armed_us; /* expiry of the timer; 0: not armed */
	uint64_t wheel_us; /* start of the next slot to send */
	uint64_t batches;  /* sent */
	size_t waiting_count;
	size_t waiting_bytes; /* of one response in the slab */
	struct slab waiting;
	struct slot slots[NET_SLOTS];
	struct mmsghdr in_msg[NET_BATCH];
	struct iovec in_iov[NET_BATCH];
	struct sockaddr_in in_peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t in_control[NET_BATCH][NET_CONTROL_BYTES];
	uint8_t in_bytes[NET_BATCH][REQUEST_BYTES_MAX];
	struct out out;
	size_t room; /* bytes of responder_respond's buffer */
	uint8_t *out_bytes;
	uint8_t big[RESPONSE_BIG];   /* one response that is sent at once */
	const struct route *current; /* of the request being processed */
};

uint64_t net_clock_us(void);
uint64_t net_random(struct net *n);
bool net_is_lost(struct net *n);

/* net_out.c */
int net_out_open(struct net *n, char why[LIMIT_WHY]) MUST_USE;
void net_out_close(struct net *n);
/* Sends a response at once or after its time. `is_kept`: its bytes stay until the next flush. */
void net_send(struct net *n, const struct route *r, const struct response *ans, bool is_kept,
	uint64_t *now_us);
void net_flush(struct net *n);
void net_turn_wheel(struct net *n);
/* Sends a forged response at once: the responder's send_forged. */
void net_send_forged(void *owner, const uint8_t *bytes, size_t len, enum forge_way way);

#endif
