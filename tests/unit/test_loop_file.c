/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void test_file_is_read_whole_or_refused(void **state)
{
	(void)state;
	static uint8_t bytes[5000];
	struct buf b;
	int fd = memfd_create("file", MFD_CLOEXEC);
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
	buf_open(&b, sizeof bytes + 1);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(file_read(&b, fd), 0);
	assert_int_equal(b.len, sizeof bytes);
	assert_memory_equal(b.data, bytes, sizeof bytes);
	buf_close(&b);
	buf_open(&b, sizeof bytes);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(file_read(&b, fd), ERR_LIMIT);
	buf_close(&b);
	assert_int_equal(close(fd), 0);
	buf_open(&b, 10);
	assert_int_equal(file_read(&b, fd), -EBADF);
	buf_close(&b);
}

static void test_directories_are_created_and_checked(void **state)
{
	(void)state;
	assert_int_equal(file_sync_dir("."), 0);
	assert_int_equal(file_sync_dir("./none"), -ENOENT);
	assert_int_equal(file_sync_dir("/proc/self/exe"), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_is_read_whole_or_refused),
		cmocka_unit_test(test_directories_are_created_and_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
