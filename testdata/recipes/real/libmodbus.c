/*
 * A Modbus/TCP server and a client on libmodbus, to record how a real library speaks.
 *
 * usage: libmodbus server ADDRESS PORT | libmodbus client ADDRESS PORT
 *
 * The server answers one connection and ends with it. The client says every function that libmodbus has, then makes
 * the server refuse: an address that does not exist, more than a PDU holds, a function nobody has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <modbus.h>

enum { BITS = 64, REGISTERS = 64, UNIT = 17 };

static int fail(const char *what)
{
    fprintf(stderr, "libmodbus: %s: %s\n", what, modbus_strerror(errno));
    return EXIT_FAILURE;
}

static int serve(modbus_t *bus)
{
    modbus_mapping_t *map = modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS);
    if (!map)
        return fail("mapping");
    for (int i = 0; i < BITS; i++)
        map->tab_input_bits[i] = i % 3 == 0;
    for (int i = 0; i < REGISTERS; i++)
        map->tab_input_registers[i] = (uint16_t)(1000 + i);

    int listener = modbus_tcp_listen(bus, 1);
    if (listener < 0 || modbus_tcp_accept(bus, &listener) < 0)
        return fail("listen");
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int size = modbus_receive(bus, query);
        if (size > 0)
            modbus_reply(bus, query, size, map);
        else if (size < 0)
            break;
    }
    close(listener);
    modbus_mapping_free(map);
    return EXIT_SUCCESS;
}

static int ask(modbus_t *bus)
{
    uint8_t bits[BITS] = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1};
    uint16_t registers[MODBUS_MAX_READ_REGISTERS] = {11, 22, 33, 44};
    uint8_t id[MODBUS_MAX_PDU_LENGTH];

    if (modbus_connect(bus) < 0)
        return fail("connect");
    modbus_set_slave(bus, UNIT);
    for (int round = 0; round < 5; round++) {
        modbus_write_bit(bus, 3, round % 2);
        modbus_write_bits(bus, 10, 10, bits);
        modbus_read_bits(bus, 0, 24, bits);
        modbus_read_input_bits(bus, 0, 24, bits);
        modbus_write_register(bus, 5, (uint16_t)(100 + round));
        modbus_write_registers(bus, 10, 4, registers);
        modbus_read_registers(bus, 0, 16, registers);
        modbus_read_input_registers(bus, 0, 16, registers);
        modbus_mask_write_register(bus, 5, 0x00f2, 0x0025);
        modbus_write_and_read_registers(bus, 20, 2, registers, 20, 4, registers);
        modbus_report_slave_id(bus, sizeof id, id);
        usleep(100000);
    }
    modbus_read_registers(bus, REGISTERS, 4, registers);

    /* The library refuses to say these itself. */
    const uint8_t too_many[] = {UNIT, 3, 0, 0, 0, 126}, unknown[] = {UNIT, 0x64, 0, 0};
    modbus_send_raw_request(bus, too_many, sizeof too_many);
    modbus_receive_confirmation(bus, id);
    modbus_send_raw_request(bus, unknown, sizeof unknown);
    modbus_receive_confirmation(bus, id);
    modbus_close(bus);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: libmodbus server|client ADDRESS PORT\n");
        return 2;
    }
    modbus_t *bus = modbus_new_tcp(argv[2], atoi(argv[3]));
    if (!bus)
        return fail("address");
    int result = strcmp(argv[1], "server") == 0 ? serve(bus) : ask(bus);
    modbus_free(bus);
    return result;
}
