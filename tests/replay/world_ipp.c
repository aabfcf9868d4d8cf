/* SPDX-License-Identifier: Apache-2.0
 * Port 631 of these printers is closed, and the fleet above is opened without IPP. */
#include "engine/loop/conn.h"
#include "engine/loop/tls.h"

#include <errno.h>
#include <stdlib.h>

int tls_printer_open(struct tls **ret, char *why, size_t why_cap)
{
	(void)why;
	(void)why_cap;
	*ret = NULL;
	return 0;
}

void tls_close(struct tls *t)
{
	if (t != NULL)
		abort();
}

int conn_connect(struct conn **ret, struct loop *l, const struct conn_target *target,
	const struct conn_events *events, void *owner)
{
	(void)ret;
	(void)l;
	(void)target;
	(void)events;
	(void)owner;
	return -ECONNREFUSED;
}

/* Without a conn there is none to use. */
int conn_write(struct conn *c, const void *bytes, size_t len)
{
	(void)c;
	(void)bytes;
	(void)len;
	abort();
}

void conn_set_deadline(struct conn *c, uint64_t at_ms)
{
	(void)c;
	(void)at_ms;
	abort();
}

struct conn_traffic conn_traffic(const struct conn *c)
{
	(void)c;
	abort();
}

void conn_abort(struct conn *c)
{
	(void)c;
	abort();
}
