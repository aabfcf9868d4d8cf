/* SPDX-License-Identifier: Apache-2.0
 * A kernel whose send buffer is full for a while: what waits is sent once there is room, and after
 * that the loop sleeps again. sendmmsg is this file's own, as a real one on loopback never says
 * EAGAIN. */
#include "proto/base/list.h"
#include "engine/loop/loop_internal.h"
#include "engine/loop/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static int busy; /* calls that are still to fail */

int sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	if (busy > 0) {
		busy--;
		errno = EAGAIN;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, fd, msgs, n, flags);
}

struct fixture {
	struct loop *loop;
	struct udp *udp;
	struct due over;
	uv_prepare_t turns;
	unsigned turn_count;
	unsigned received;
	struct sockaddr_in to;
	int echo;
};

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct fixture *f = owner;
	(void)from;
	assert_int_equal(len, 5);
	assert_memory_equal(bytes, "hello", 5);
	f->received++;
}

static void on_turn(uv_prepare_t *prepare)
{
	struct fixture *f = prepare->data;
	char bytes[16];
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	ssize_t n;
	f->turn_count++;
	while ((n = recvfrom(f->echo, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from,
			&len)) > 0)
		assert_int_equal(
			sendto(f->echo, bytes, (size_t)n, 0, (const struct sockaddr *)&from, len),
			n);
}

static void on_over(struct due *due)
{
	struct fixture *f = container_of(due, struct fixture, over);
	loop_stop(f->loop);
}

static void run_for(struct fixture *f, uint64_t ms)
{
	loop_refresh(f->loop);
	assert_int_equal(loop_due_set(f->loop, &f->over, loop_now_ms(f->loop) + ms), 0);
	assert_int_equal(loop_run(f->loop), 0);
}

static void test_full_send_buffer_is_retried(void **state)
{
	(void)state;
	struct fixture f = {.to.sin_family = AF_INET};
	socklen_t len = sizeof f.to;
	f.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	f.echo = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(f.echo >= 0);
	assert_int_equal(bind(f.echo, (const struct sockaddr *)&f.to, len), 0);
	assert_int_equal(getsockname(f.echo, (struct sockaddr *)&f.to, &len), 0);
	assert_int_equal(loop_open(&f.loop, 4), 0);
	due_init(&f.over, on_over);
	assert_int_equal(uv_prepare_init(loop_uv(f.loop), &f.turns), 0);
	f.turns.data = &f;
	assert_int_equal(uv_prepare_start(&f.turns, on_turn), 0);
	uv_unref((uv_handle_t *)&f.turns);
	assert_int_equal(udp_open(&f.udp, f.loop, 1, 4, on_datagram, &f), 0);
	struct udp_send send = {.bytes = (const uint8_t *)"hello",
		.len = 5,
		.to = (const struct sockaddr *)&f.to,
		.to_len = sizeof f.to};
	busy = 3;
	assert_int_equal(udp_send(f.udp, 0, &send), 0);
	run_for(&f, 20);
	assert_int_equal(busy, 0);
	run_for(&f, 20); /* the echo answers at the beginning of a turn */
	assert_int_equal(f.received, 1);
	/* Nothing is left to do: a few turns for the timers, not one after the other. */
	f.turn_count = 0;
	run_for(&f, 50);
	assert_true(f.turn_count < 10);
	udp_close(f.udp);
	uv_close((uv_handle_t *)&f.turns, NULL);
	assert_int_equal(loop_close(f.loop), 0);
	assert_int_equal(close(f.echo), 0);
}

/* Taken back while it waits, and used for the other family: it must not leave by the first. */
static void test_withdrawn_send_can_change_address_family(void **state)
{
	(void)state;
	struct fixture f = {.echo = -1};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in6.sin6_addr = in6addr_loopback;
	assert_int_equal(loop_open(&f.loop, 4), 0);
	due_init(&f.over, on_over);
	assert_int_equal(udp_open(&f.udp, f.loop, 1, 4, on_datagram, &f), 0);
	struct udp_send send = {.bytes = (const uint8_t *)"hello",
		.len = 5,
		.to = (const struct sockaddr *)&in4,
		.to_len = sizeof in4};
	assert_int_equal(udp_send(f.udp, 0, &send), 0);
	udp_unsend(&send);
	send.to = (const struct sockaddr *)&in6;
	send.to_len = sizeof in6;
	int err = udp_send(f.udp, 0, &send);
	if (err == 0) { /* else this machine has no IPv6 at all */
		run_for(&f, 20);
		assert_false(send.is_queued);
	}
	udp_close(f.udp);
	assert_int_equal(loop_close(f.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_send_buffer_is_retried),
		cmocka_unit_test(test_withdrawn_send_can_change_address_family),
	};
	return cmocka_run_group_tests_name("loop/udp", tests, NULL, NULL);
}
