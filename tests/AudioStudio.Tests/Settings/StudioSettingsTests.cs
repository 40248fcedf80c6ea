using AudioStudio.Settings;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using NUnit.Framework;

namespace AudioStudio.Tests.Settings;

[TestFixture]
internal sealed class StudioSettingsTests
{
    [Test]
    public void Defaults_are_loopback_the_user_folder_and_supervision()
    {
        var settings = Read();

        settings.Urls.Should().Be("http://127.0.0.1:5080");
        settings.Data.Should().EndWith("SessionRecovery.AudioStudio");
        Path.IsPathFullyQualified(settings.Data).Should().BeTrue();
        settings.Supervise.Should().BeTrue();
    }

    [Test]
    public void Each_setting_can_be_given_on_the_command_line()
    {
        var folder = Path.Combine(Path.GetTempPath(), "studio");

        var settings = Read("--urls", "http://127.0.0.1:6000", "--Data", folder, "--Supervise", "false");

        settings.Should().Be(new StudioSettings("http://127.0.0.1:6000", folder, Supervise: false));
    }

    [Test]
    public void A_relative_folder_is_made_absolute()
    {
        Read("--Data", "here").Data.Should().Be(Path.GetFullPath("here"));
    }

    [Test]
    public void An_invalid_switch_value_is_rejected_by_name()
    {
        var read = () => Read("--Supervise", "perhaps");

        read.Should().Throw<FormatException>().WithMessage("*--Supervise*true or false*perhaps*");
    }

    [Test]
    public void A_folder_with_a_nul_in_its_name_is_rejected()
    {
        var read = () => Read("--Data=a\0b");

        read.Should().Throw<FormatException>().WithMessage("*--Data*");
    }

    private static StudioSettings Read(params string[] arguments) =>
        StudioSettings.Read(new ConfigurationBuilder().AddCommandLine(arguments).Build());
}
