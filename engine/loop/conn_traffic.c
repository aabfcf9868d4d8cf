/* SPDX-License-Identifier: Apache-2.0
 * The traffic of a connection, as the kernel counted it: segments with their resends and
 * acknowledgements, and what they carried. Apart from conn.c, as the kernel's header and the C
 * library's, which libuv brings, cannot be included together. */
#include "engine/loop/conn_traffic.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void conn_traffic_add(struct conn_traffic *sum, int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	memset(&info, 0, sizeof info); /* an older kernel fills less of it */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return; /* no socket of TCP */
	sum->packets_out += info.tcpi_segs_out;
	sum->packets_in += info.tcpi_segs_in;
	sum->bytes_out += info.tcpi_bytes_sent;
	sum->bytes_in += info.tcpi_bytes_received;
}
