-- The tour: five minutes through the best, for somebody who has just started the
-- program. No goals: each step is one command, put into the prompt, and one
-- sentence on why it is worth a look. `tour` plays it (shell/player.c).

lesson{ format = 1, id = "tour", needs = {}, minutes = 5, points = 0 }

step{ id = "run", points = 0, goals = {},
  solve = { function(w)
    w:type("run --name hello busybox echo Hello from a container")
  end } }

step{ id = "kernel", points = 0, goals = {},
  solve = { function(w)
    w:type("run --rm busybox sh -c \"uname -r; ps\"")
  end } }

step{ id = "diff", points = 0, goals = {},
  setup = function(w)
    w:type("run --name note busybox sh -c \"rm /bin/vi; echo hi > /tmp/note\"")
  end,
  solve = { function(w) w:type("diff note") end } }

step{ id = "layers", points = 0, goals = {},
  setup = function(w)
    w:copy("files/cake", "cake")
    w:type("build -t cake cake")
  end,
  solve = { function(w) w:type("layers cake") end } }

step{ id = "secret", points = 0, goals = {},
  solve = { function(w)
    w:type("whose cake:/secret.txt")
    w:type("whose --show cake:/secret.txt")
  end } }

step{ id = "explain", points = 0, goals = {},
  solve = { function(w) w:type("explain run --rm --network none busybox true") end } }

step{ id = "why", points = 0, goals = {},
  -- It fails, and is meant to.
  setup = function(w) pcall(w.type, w, "run --name gone busybox tuch /tmp/x") end,
  solve = { function(w) w:type("why gone") end } }
