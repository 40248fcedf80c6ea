using AudioStudio.Settings;
using FluentAssertions;
using NUnit.Framework;

namespace AudioStudio.Tests.Settings;

[TestFixture]
internal sealed class DataFolderTests
{
    private string _root = null!;

    [SetUp]
    public void SetUp() => _root = Directory.CreateTempSubdirectory("studio-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_root, recursive: true);

    [Test]
    public void A_new_folder_is_private_and_contains_no_probe_file()
    {
        var folder = DataFolder.Prepare(Path.Combine(_root, "deep", "er"));

        Directory.GetFiles(folder.Path).Should().BeEmpty();
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.GetUnixFileMode(folder.Path).Should().Be(OwnerOnly);
            File.GetUnixFileMode(folder.Uploads).Should().Be(OwnerOnly);
        }
    }

    [Test]
    public void A_file_in_place_of_the_folder_is_rejected()
    {
        var path = Path.Combine(_root, "taken");
        File.WriteAllText(path, "x");

        var prepare = () => DataFolder.Prepare(path);

        prepare.Should().Throw<IOException>();
    }
}
