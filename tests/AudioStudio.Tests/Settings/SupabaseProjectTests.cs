using AudioStudio.Settings;
using FluentAssertions;
using Microsoft.Extensions.Configuration;
using NUnit.Framework;

namespace AudioStudio.Tests.Settings;

[TestFixture]
internal sealed class SupabaseProjectTests
{
    private const string Secret = "sb_secret_of_the_test";

    [Test]
    public void The_studio_stores_data_locally_without_an_address()
    {
        Read(("SecretKey", Secret)).Should().BeNull();
    }

    [Test]
    public void A_project_is_read_and_never_shows_its_secret()
    {
        var project = Read(("Url", "https://project.supabase.co/"), ("PublishableKey", "sb_publishable_x"), ("SecretKey", Secret),
            ("ClientScript", Here))!;

        project.Url.Should().Be("https://project.supabase.co");
        project.SecretKey.Should().Be(Secret);
        project.ToString().Should().NotContain(Secret);
    }

    [TestCase("PublishableKey")]
    [TestCase("SecretKey")]
    public void A_missing_key_is_reported_with_its_source(string missing)
    {
        (string, string)[] all =
            [("Url", "https://project.supabase.co"), ("PublishableKey", "sb_publishable_x"), ("SecretKey", Secret), ("ClientScript", Here)];

        FluentActions.Invoking(() => Read([.. all.Where(setting => setting.Item1 != missing)]))
            .Should().Throw<FormatException>().WithMessage($"*--Supabase:{missing}*").Which.Message.Should().NotContain(Secret);
    }

    [Test]
    public void A_missing_client_is_reported_with_its_install_command()
    {
        FluentActions.Invoking(
            () => Read(("Url", "https://project.supabase.co"), ("PublishableKey", "sb_publishable_x"), ("SecretKey", Secret)))
            .Should().Throw<FormatException>().WithMessage("*npm install --prefix \"/data\" @supabase/supabase-js@2*");
    }

    private static string Here => typeof(SupabaseProjectTests).Assembly.Location;

    private static SupabaseProject? Read(params (string Name, string Value)[] settings) => SupabaseProject.Read(
        new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(static setting => KeyValuePair.Create($"Supabase:{setting.Name}", (string?)setting.Value))).Build(),
        "/data");
}
