/* tests/test_enclosure_talk.c - records with descriptors, some from who means no good. */
#include "runtime/enclosure_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/own.h"
#include "tests/test.h"

enum { TOO_MANY = TALK_FDS + 6 };

static int open_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void send_fds(int socket, int count)
{
	char room[CMSG_SPACE(sizeof(int) * TOO_MANY)] = { 0 };
	struct iovec part = { .iov_base = room, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[TOO_MANY] = { 0 };

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * (size_t)count);
	assert_int_equal(sendmsg(socket, &message, 0), 1);
}

static void more_descriptors_than_there_is_room_for_are_refused(void **state)
{
	char byte;
	struct {
		struct talk talk;
		char behind[256];
	} both = { 0 };
	int ends[2];
	int before;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = open_count();
	for (int count = 1; count <= TOO_MANY; count++) {
		memset(both.behind, 'x', sizeof(both.behind));
		both.talk.bytes = &byte;
		both.talk.len = 1;
		send_fds(ends[0], count);
		assert_int_equal(talk_receive(ends[1], &both.talk),
				 count <= TALK_FDS ? 1 : -EMSGSIZE);
		assert_int_equal(both.talk.count, count <= TALK_FDS ? count : 0);
		for (int i = 0; i < both.talk.count; i++)
			close(both.talk.fds[i]);
		assert_int_equal(open_count(), before);
		for (size_t i = 0; i < sizeof(both.behind); i++)
			assert_int_equal(both.behind[i], 'x');
	}
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(more_descriptors_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests_name("enclosure_talk", tests, NULL, NULL);
}
