using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.AspNetCore.KeyRing.Internal;

namespace SessionRecovery.AspNetCore.Tests.KeyRing;

/// <summary>Tests the detection of folders whose content is lost in a restart or in a new container.</summary>
[TestFixture]
internal sealed class KeyFolderTests
{
    private const string Mounts =
        """
        562 480 0:54 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib
        563 562 0:57 / /proc rw,nosuid - proc proc rw
        570 562 8:1 /var/lib/docker/volumes/data/_data /data rw,relatime shared:1 - ext4 /dev/sda1 rw
        571 562 0:60 / /secrets rw - tmpfs tmpfs rw
        572 562 8:1 /keys /my\040keys rw - ext4 /dev/sda1 rw
        not a mount
        """;

    [TestCase("/root/.aspnet/DataProtection-Keys", "which is in the container's own file system")]
    [TestCase("/database/keys", "which is in the container's own file system")]
    [TestCase("/data/keys", null)]
    [TestCase("/data", null)]
    [TestCase("/my keys/ring", null)]
    [TestCase("/secrets/keys", "which is in memory")]
    [TestCase("/tmp/keys", "in the temporary folder /tmp/keys")]
    [TestCase("/own-tmp/keys", "in the temporary folder /own-tmp/keys")]
    public void In_a_container_only_a_volume_survives(string path, string? hazard)
    {
        var found = KeyFolder.FindHazard(path, "/own-tmp/", Mounts);

        if (hazard is null)
        {
            found.Should().BeNull();
        }
        else
        {
            found.Should().Contain(hazard);
        }
    }

    [TestCase("/home/app/.aspnet/DataProtection-Keys", false)]
    [TestCase("/tmp", true)]
    [TestCase("/dev/shm/keys", true)]
    [TestCase("/tmpkeys", false)]
    public void Elsewhere_only_temporary_folders_are_a_hazard(string path, bool isHazard) =>
        (KeyFolder.FindHazard(path, "/tmp", mounts: null) is not null).Should().Be(isHazard);
}
