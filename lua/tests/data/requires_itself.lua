return require "tests.data.requires_itself"
