/* SPDX-License-Identifier: Apache-2.0
 * The traffic of a conn. Only for conn*.c. */
#ifndef PLATEN_LOOP_CONN_TRAFFIC_H
#define PLATEN_LOOP_CONN_TRAFFIC_H

#include "engine/loop/conn.h"

/* Adds what the kernel counted for this socket, which is about to close: the goodbye is not in it.
 */
void conn_traffic_add(struct conn_traffic *sum, int fd);

#endif
