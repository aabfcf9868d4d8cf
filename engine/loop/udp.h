/* SPDX-License-Identifier: Apache-2.0
 * A few unconnected UDP sockets shared by all printers, on uv_poll with recvmmsg and sendmmsg: one
 * system call moves up to 64 datagrams. Sending only queues; the queue leaves before the loop goes
 * to wait, and after each batch of received datagrams. Sockets are opened at their first use, one
 * for each worker number and address family. */
#ifndef PLATEN_LOOP_UDP_H
#define PLATEN_LOOP_UDP_H

#include "proto/base/err.h"
#include "engine/loop/loop.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct udp;
struct udp_socket;

/* One datagram to send. Embedded in its owner; bytes and address stay valid until it has left or
 * udp_unsend was called. */
struct udp_send {
	const uint8_t *bytes;
	size_t len;
	const struct sockaddr *to;
	socklen_t to_len;
	bool is_wanted;        /* udp: still to be sent */
	bool is_queued;        /* udp: has an entry in a queue ... */
	struct udp_socket *at; /* ... of this socket */
};

/* `from` is the source address. The bytes are valid during the call. A datagram that is longer than
 * LIMIT_DATAGRAM is dropped. */
typedef void udp_on_datagram(
	void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from);

/* `sockets` at most LIMIT_UDP_SOCKETS; each may have `queue` datagrams waiting. */
int udp_open(struct udp **ret, struct loop *l, size_t sockets, size_t queue,
	udp_on_datagram *on_datagram, void *owner) MUST_USE;

/* Before the first send: an ICMP error for an address (port closed, host unreachable) is reported
 * by `on_refused`; err is -ECONNREFUSED, -EHOSTUNREACH ... Any host can forge such a message, so it
 * ends no request. */
typedef void udp_on_refused(void *owner, const struct sockaddr *to, int err);
void udp_watch_refusals(struct udp *u, udp_on_refused *on_refused);

/* Datagrams that this worker sends to an IPv4 group leave by this interface (by its number), not by
 * the one that the routes choose. For IPv6 the scope of the address decides. */
int udp_use_interface(struct udp *u, size_t worker, unsigned interface) MUST_USE;

/* The effective receive buffer of a socket on this kernel, in bytes. */
int udp_probe_rcvbuf(size_t *ret_bytes) MUST_USE;

/* Queues on socket number `worker` of the address's family. ERR_FULL if its queue is. */
int udp_send(struct udp *u, size_t worker, struct udp_send *send) MUST_USE;

/* Withdraws a datagram that is still queued. The struct may be reused at once. */
void udp_unsend(struct udp_send *send);

/* Datagrams that the kernel dropped because a socket's buffer was full, of all sockets. One system
 * call for each socket: too slow for every datagram. */
uint64_t udp_drops(const struct udp *u);

size_t udp_memory_ceiling(const struct udp *u);

/* No further callbacks; frees when the handles have closed. */
void udp_close(struct udp *u);

#endif
