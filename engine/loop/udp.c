/* SPDX-License-Identifier: Apache-2.0
 * Ownership: struct udp owns its sockets, their poll handles and one receive area shared by all of
 * them (the loop reads one socket at a time). */
#include "engine/loop/udp.h"

#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/loop_internal.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RCVBUF_WANTED = 4 << 20, FAMILIES = 2, AREA_BYTES = LIMIT_RECV_BATCH * LIMIT_DATAGRAM };

struct udp_socket {
	uv_poll_t poll;
	struct udp *udp;
	int fd;
	bool is_open;
	int events;       /* that the poll waits for; 0: not started */
	bool wants_write; /* the kernel's buffer was full: wait until it is not */
	struct udp_send **queue;
	size_t queue_len;
};

struct udp {
	struct loop *loop;
	uv_prepare_t prepare;
	udp_on_datagram *on_datagram;
	udp_on_refused *on_refused; /* NULL: not reported */
	void *owner;
	size_t workers;
	size_t queue_max;
	struct udp_socket *sockets; /* workers of IPv4, then workers of IPv6 */
	uint8_t *area;              /* LIMIT_RECV_BATCH datagrams; pages are touched as they come */
	size_t open_handles;
	bool is_closing;
	uint64_t received_in; /* the last turn with a batch */
};

static int open_fd(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int wanted = RCVBUF_WANTED;
	int on = 1;
	/* Requests are far below any MTU, so they may carry "don't fragment", which saves the
	 * kernel the choice of an identification for each (a few percent of a request's cost). */
	int whole = IP_PMTUDISC_PROBE;
	/* More than rmem_max is silently cut, so the effective size is what counts and is read
	 * back. IP_RECVERR off (the default): an ICMP "port unreachable" must not fail the next
	 * send. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted) < 0 ||
		(family == AF_INET &&
			setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole) < 0) ||
		(family == AF_INET6 &&
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)) {
		int err = -errno;
		(void)close(fd);
		return err;
	}
	return fd;
}

int udp_probe_rcvbuf(size_t *ret_bytes)
{
	int fd = open_fd(AF_INET);
	if (fd < 0)
		return fd;
	int effective = 0;
	socklen_t len = sizeof effective;
	int err = getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &effective, &len) < 0 ? -errno : 0;
	(void)close(fd);
	if (err == 0)
		*ret_bytes = (size_t)effective;
	return err;
}

/* ---- refusals --------------------------------------------------------------------------- */

static int ask_for_refusals(int fd, int family)
{
	int on = 1;
	int err = family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on)
				    : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
	return err < 0 ? -errno : 0;
}

static int refusal_in(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		struct sock_extended_err e;
		bool is_ours = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
			       (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
		if (!is_ours || c->cmsg_len < CMSG_LEN(sizeof e))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof e);
		return e.ee_errno != 0 ? -(int)e.ee_errno : -EHOSTUNREACH;
	}
	return 0;
}

/* Empties the socket's queue of errors. How many there were. */
static unsigned take_refusals(struct udp_socket *s)
{
	struct udp *u = s->udp;
	unsigned count = 0;
	for (; count < LIMIT_RECV_BATCH * LIMIT_RECV_BATCHES && !u->is_closing; count++) {
		uint8_t bytes[64];
		_Alignas(struct cmsghdr) uint8_t control[512];
		struct sockaddr_in6 to;
		struct iovec iov = {bytes, sizeof bytes};
		struct msghdr msg = {.msg_name = &to,
			.msg_namelen = sizeof to,
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof control};
		if (recvmsg(s->fd, &msg, MSG_ERRQUEUE) < 0)
			break;
		int err = refusal_in(&msg);
		if (err < 0)
			u->on_refused(u->owner, (const struct sockaddr *)&to, err);
	}
	return count;
}

/* ---- sending ---------------------------------------------------------------------------- */

static void poll_for(struct udp_socket *s);

static size_t fill(struct udp_socket *s, struct mmsghdr *msgs, struct iovec *iov, size_t *taken)
{
	size_t n = 0, at = 0;
	while (at < s->queue_len && n < LIMIT_RECV_BATCH) {
		struct udp_send *send = s->queue[at++];
		if (!send->is_wanted) {
			send->is_queued = false;
			continue;
		}
		iov[n] = (struct iovec){(void *)(uintptr_t)send->bytes, send->len};
		msgs[n] = (struct mmsghdr){.msg_hdr = {
						   .msg_name = (void *)(uintptr_t)send->to,
						   .msg_namelen = send->to_len,
						   .msg_iov = &iov[n],
						   .msg_iovlen = 1,
					   }};
		s->queue[n++] = send;
	}
	*taken = at;
	return n;
}

static void flush(struct udp_socket *s)
{
	struct mmsghdr msgs[LIMIT_RECV_BATCH];
	struct iovec iov[LIMIT_RECV_BATCH];
	if (s->udp->is_closing)
		return; /* what the queue points to may be gone */
	while (s->queue_len > 0 && !s->wants_write) {
		size_t taken;
		size_t n = fill(s, msgs, iov, &taken);
		int sent = n == 0 ? 0 : sendmmsg(s->fd, msgs, (unsigned)n, 0);
		if (sent < 0) {
			if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
				s->wants_write = true;
				sent = 0;
			} else if (s->udp->on_refused != NULL && take_refusals(s) > 0) {
				sent = 0; /* it was an earlier one's: this one was not tried */
			} else {
				/* This address cannot be reached from here: the request's own
				 * timer deals with it, the others must not wait. */
				sent = 1;
			}
		}
		for (int i = 0; i < sent; i++) {
			s->queue[i]->is_wanted = false;
			s->queue[i]->is_queued = false;
		}
		size_t kept = n - (size_t)sent;
		memmove(s->queue, s->queue + sent, kept * sizeof s->queue[0]);
		memmove(s->queue + kept, s->queue + taken,
			(s->queue_len - taken) * sizeof s->queue[0]);
		s->queue_len = kept + s->queue_len - taken;
	}
	poll_for(s);
}

/* ---- receiving -------------------------------------------------------------------------- */

static void receive(struct udp_socket *s)
{
	struct udp *u = s->udp;
	struct mmsghdr msgs[LIMIT_RECV_BATCH];
	struct iovec iov[LIMIT_RECV_BATCH];
	struct sockaddr_in6 from[LIMIT_RECV_BATCH];
	for (int batch = 0; batch < LIMIT_RECV_BATCHES && !u->is_closing; batch++) {
		/* One batch a turn comes in whatever else was long; the rest is there in the next.
		 */
		if (loop_iteration_is_long(u->loop) && u->received_in == loop_iteration(u->loop))
			return;
		u->received_in = loop_iteration(u->loop);
		for (size_t i = 0; i < LIMIT_RECV_BATCH; i++) {
			iov[i] = (struct iovec){u->area + i * LIMIT_DATAGRAM, LIMIT_DATAGRAM};
			msgs[i] = (struct mmsghdr){.msg_hdr = {
							   .msg_name = &from[i],
							   .msg_namelen = sizeof from[i],
							   .msg_iov = &iov[i],
							   .msg_iovlen = 1,
						   }};
		}
		int n = recvmmsg(s->fd, msgs, LIMIT_RECV_BATCH, 0, NULL);
		if (n <= 0)
			return; /* nothing more, or an error that the next send reports
				 */
		loop_refresh(u->loop);
		for (int i = 0; i < n && !u->is_closing; i++) {
			if ((msgs[i].msg_hdr.msg_flags & MSG_TRUNC) != 0)
				continue;
			u->on_datagram(u->owner, iov[i].iov_base, msgs[i].msg_len,
				(const struct sockaddr *)&from[i]);
		}
		if (s->queue_len > 0)
			flush(s);
		if (n < LIMIT_RECV_BATCH)
			return;
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct udp_socket *s = poll->data;
	loop_refresh(s->udp->loop);
	if (status < 0 && s->udp->on_refused != NULL && !s->udp->is_closing) {
		(void)take_refusals(s);
		poll_for(s);
	}
	if (status < 0)
		return; /* the next call on the socket reports the same error */
	if ((events & UV_WRITABLE) != 0 && s->wants_write) {
		s->wants_write = false;
		flush(s);
	}
	if ((events & UV_READABLE) != 0)
		receive(s);
}

static void poll_for(struct udp_socket *s)
{
	int events = UV_READABLE | (s->wants_write ? UV_WRITABLE : 0);
	/* libuv stops a poll by itself after an error of the descriptor. */
	if (uv_is_active((uv_handle_t *)&s->poll) && s->events == events)
		return;
	if (uv_poll_start(&s->poll, events, on_poll) == 0)
		s->events = events; /* else the next call tries again */
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct udp *u = prepare->data;
	for (size_t i = 0; i < u->workers * FAMILIES; i++) {
		struct udp_socket *s = &u->sockets[i];
		if (s->is_open && s->queue_len > 0)
			flush(s);
	}
}

/* ---- life ------------------------------------------------------------------------------- */

static int open_socket(struct udp *u, struct udp_socket *s, int family)
{
	s->queue = calloc(u->queue_max, sizeof(struct udp_send *));
	if (s->queue == NULL)
		return -ENOMEM;
	int fd = open_fd(family), err = fd < 0 ? fd : 0;
	if (err == 0 && u->on_refused != NULL)
		err = ask_for_refusals(fd, family);
	if (err == 0)
		err = loop_uv_err(uv_poll_init(loop_uv(u->loop), &s->poll, fd));
	if (err < 0) {
		if (fd >= 0)
			(void)close(fd);
		free(s->queue);
		s->queue = NULL;
		return err;
	}
	s->fd = fd;
	s->udp = u;
	s->poll.data = s;
	s->is_open = true;
	u->open_handles++;
	poll_for(s);
	/* The sockets themselves keep no loop alive: requests in flight do, by their deadlines. */
	uv_unref((uv_handle_t *)&s->poll);
	return 0;
}

int udp_open(struct udp **ret, struct loop *l, size_t sockets, size_t queue,
	udp_on_datagram *on_datagram, void *owner)
{
	if (sockets == 0 || sockets > LIMIT_UDP_SOCKETS || queue == 0)
		return ERR_LIMIT;
	struct udp *u = calloc(1, sizeof *u);
	if (u == NULL)
		return -ENOMEM;
	*u = (struct udp){.loop = l,
		.on_datagram = on_datagram,
		.owner = owner,
		.workers = sockets,
		.queue_max = queue};
	u->sockets = calloc(sockets * FAMILIES, sizeof u->sockets[0]);
	void *area =
		mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (u->sockets == NULL || area == MAP_FAILED) {
		if (area != MAP_FAILED)
			(void)munmap(area, AREA_BYTES);
		free(u->sockets);
		free(u);
		return -ENOMEM;
	}
	u->area = area;
	(void)uv_prepare_init(loop_uv(l), &u->prepare); /* cannot fail: it only fills the handle */
	u->prepare.data = u;
	(void)uv_prepare_start(&u->prepare, on_prepare);
	uv_unref((uv_handle_t *)&u->prepare);
	u->open_handles = 1;
	*ret = u;
	return 0;
}

void udp_watch_refusals(struct udp *u, udp_on_refused *on_refused)
{
	u->on_refused = on_refused;
}

int udp_use_interface(struct udp *u, size_t worker, unsigned interface)
{
	struct udp_socket *s = &u->sockets[worker % u->workers];
	struct ip_mreqn by = {.imr_ifindex = (int)interface};
	int err = s->is_open ? 0 : open_socket(u, s, AF_INET);
	if (err < 0)
		return err;
	return setsockopt(s->fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by) < 0 ? -errno : 0;
}

static void unqueue(struct udp_send *send)
{
	struct udp_socket *s = send->at;
	size_t kept = 0;
	for (size_t i = 0; i < s->queue_len; i++) {
		if (s->queue[i] != send)
			s->queue[kept++] = s->queue[i];
	}
	s->queue_len = kept;
	send->is_queued = false;
}

int udp_send(struct udp *u, size_t worker, struct udp_send *send)
{
	int family = send->to->sa_family;
	size_t at = worker % u->workers + (family == AF_INET6 ? u->workers : 0);
	struct udp_socket *s = &u->sockets[at];
	if (u->is_closing)
		return ERR_STOPPED;
	if (!s->is_open) {
		int err = open_socket(u, s, family);
		if (err < 0)
			return err;
	}
	if (send->is_queued && send->at != s)
		unqueue(send); /* withdrawn, and in use again for the other address family */
	if (!send->is_queued) {
		if (s->queue_len == u->queue_max)
			return ERR_FULL;
		s->queue[s->queue_len++] = send;
		send->is_queued = true;
		send->at = s;
	}
	send->is_wanted = true;
	return 0;
}

void udp_unsend(struct udp_send *send)
{
	send->is_wanted = false;
}

uint64_t udp_drops(const struct udp *u)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < u->workers * FAMILIES; i++) {
		uint32_t info[SK_MEMINFO_VARS] = {0};
		socklen_t len = sizeof info;
		if (u->sockets[i].is_open &&
			getsockopt(u->sockets[i].fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0)
			sum += info[SK_MEMINFO_DROPS];
	}
	return sum;
}

size_t udp_memory_ceiling(const struct udp *u)
{
	return sizeof *u + u->workers * FAMILIES * sizeof u->sockets[0] +
	       u->workers * u->queue_max * sizeof(struct udp_send *) + AREA_BYTES;
}

static void release(struct udp *u)
{
	if (--u->open_handles > 0)
		return;
	for (size_t i = 0; i < u->workers * FAMILIES; i++)
		free(u->sockets[i].queue);
	free(u->sockets);
	(void)munmap(u->area, AREA_BYTES);
	free(u);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct udp_socket *s = handle->data;
	(void)close(s->fd);
	release(s->udp);
}

static void on_prepare_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void udp_close(struct udp *u)
{
	if (u == NULL || u->is_closing)
		return;
	u->is_closing = true;
	for (size_t i = 0; i < u->workers * FAMILIES; i++) {
		if (u->sockets[i].is_open)
			uv_close((uv_handle_t *)&u->sockets[i].poll, on_poll_closed);
	}
	uv_close((uv_handle_t *)&u->prepare, on_prepare_closed);
}
